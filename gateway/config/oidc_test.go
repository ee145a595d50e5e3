package config_test

import (
	"strings"
	"testing"

	"htgateway/gateway/config"
)

func TestOIDC(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "units.yaml", "units: []\n")
	write(t, dir, "secret", "s3cret\n")
	const good = "http:\n  public_url: https://112.example:8112\n  oidc:\n    issuer: https://id.example\n    client_id: gw\n    client_secret_file: secret\n    roles: [{value: dispatch, role: dispatcher}]\n"
	for _, c := range []struct{ name, text, want string }{
		{"good", good, ""},
		{"in the clear", strings.Replace(good, "https://id.example", "http://id.example", 1), ":5: http.oidc.issuer is beyond"},
		{"no way back", strings.Replace(good, "  public_url: https://112.example:8112\n", "", 1), ":4: http.oidc sends people back"},
		{"owner", strings.Replace(good, "role: dispatcher", "role: owner", 1), ":8: http.oidc.roles"},
		{"nobody", strings.Replace(good, "[{value: dispatch, role: dispatcher}]", "[]", 1), "nobody would be let in"},
		{"no secret", strings.Replace(good, "client_secret_file: secret", "client_secret_file: none", 1), "none"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := config.Load(write(t, dir, "htgateway.yaml", "units_file: units.yaml\n"+c.text))
			if c.want != "" {
				if err == nil || !strings.Contains(err.Error(), c.want) {
					t.Fatalf("%v, want %q", err, c.want)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if v := got.HTTP.Vouching(); v.ClientSecret != "s3cret" || v.NameClaim != "preferred_username" || v.Back != "https://112.example:8112" {
				t.Errorf("%+v", v)
			}
		})
	}
}
