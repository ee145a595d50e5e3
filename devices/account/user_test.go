package account_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"htgateway/devices/account"
)

func TestNamesThatMatchOthersTopicsAreRefused(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"", "#", "+", "a/b", "a+", "andi#", "a:b", "a b", "a\tb", "a\x00b", "$SYS", strings.Repeat("x", 65)} {
		if err := account.CheckName(name); !errors.Is(err, account.ErrName) {
			t.Errorf("%q: %v", name, err)
		}
	}
	for _, name := range []string{"andi", "psc-119.1", "ambulans_2", "pos-désa"} {
		if err := account.CheckName(name); err != nil {
			t.Error(err)
		}
	}
}

func TestReadUsers(t *testing.T) {
	t.Parallel()
	read, err := account.Read(strings.NewReader("# phones\n\nandi:H1\ncad:H2\nmsh-pos:H3\nlayar:H4:reader\nbukit:H5:mesh:!7d5a1c2e\ncadangan:H6:device\n" +
		"sari:dispatcher:$argon2id$1\ntono:$argon2id$2:analyst\nmati:viewer:x\n"))
	if err != nil {
		t.Fatal(err)
	}
	users := account.ByName(read, func(account.Role) bool { return true })
	for name, want := range map[string]account.User{
		"andi":     {Name: "andi", Hash: "H1", Role: account.Device},
		"cad":      {Name: "cad", Hash: "H2", Role: account.CAD},
		"msh-pos":  {Name: "msh-pos", Hash: "H3", Role: account.Mesh},
		"layar":    {Name: "layar", Hash: "H4", Role: account.Reader},
		"bukit":    {Name: "bukit", Hash: "H5", Role: account.Mesh, Node: "!7d5a1c2e"},
		"cadangan": {Name: "cadangan", Hash: "H6", Role: account.Device},
		"sari":     {Name: "sari", Hash: "$argon2id$1", Role: account.Dispatcher},
		"tono":     {Name: "tono", Hash: "$argon2id$2", Role: account.Analyst},
		"mati":     {Name: "mati", Hash: "x", Role: account.Viewer},
	} {
		if users[name] != want {
			t.Errorf("%+v, want %+v", users[name], want)
		}
	}
	if again, err := account.Read(strings.NewReader(users["bukit"].String())); err != nil || again[0] != users["bukit"] {
		t.Errorf("%v %+v", err, again)
	}
}

func TestEveryWrongLineIsNamed(t *testing.T) {
	t.Parallel()
	_, err := account.Read(strings.NewReader("andi:H\nbudi\n#:H\nandi:H2\nx:H:king\ny:H:device:!7d5a1c2e\nz:H:mesh:7d5a\nsari:boss:$x\na b:viewer:$x\nq:viewer:\n"))
	if err == nil {
		t.Fatal("taken")
	}
	// The third line begins with # and is a comment.
	for _, want := range []string{"line 2:", "line 4:", "line 5:", "line 6:", "line 7:", "line 8:", "line 9:", "line 10:"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%s is not named: %v", want, err)
		}
	}
}

func TestTopics(t *testing.T) {
	t.Parallel()
	andi := account.User{Name: "andi", Role: account.Device}
	cad := account.User{Name: "cad", Role: account.CAD}
	mesh := account.User{Name: "bukit", Role: account.Mesh, Node: "!7d5a1c2e"}
	reader := account.User{Name: "layar", Role: account.Reader}
	type rule struct {
		user                     account.User
		topic                    string
		publish, read, subscribe bool
	}
	for _, c := range []rule{
		{andi, "owntracks/andi/phone", true, false, false},
		{andi, "owntracks/andi/phone/event", true, false, false},
		{andi, "owntracks/andi/phone/cmd", false, true, true},
		{andi, "owntracks/andi/", false, false, false},
		{andi, "owntracks/andi", false, false, false},
		{andi, "owntracks/budi/phone", false, false, false},
		{andi, "owntracks/budi/phone/cmd", false, false, false},
		{andi, "owntracks/andi2/phone", false, false, false},
		{andi, "owntracks/+/+", false, false, true},
		{andi, "#", false, false, false},
		{andi, "+/andi/phone/cmd", false, false, false},
		{andi, "$SYS/#", false, false, false},
		{andi, "htgateway/devices/andi/report", true, false, false},
		{andi, "htgateway/devices/andi/cmd", false, true, true},
		{andi, "htgateway/devices/andi/#", false, true, true},
		{andi, "htgateway/devices/budi/report", false, false, false},
		{andi, "htgateway/devices/+/cmd", false, false, false},
		{andi, "htgateway/incidents/in", false, false, false},
		{andi, "htgateway/incidents/+/updates", false, false, false},
		{andi, "htgateway/units/damkar-1/state", false, false, false},
		{andi, "htgateway/gateway/state", false, true, true},
		{andi, "msh/ID/2/json/LongFast/!7d5a1c2e", false, false, false},
		{cad, "htgateway/incidents/in", true, false, false},
		{cad, "htgateway/incidents/+/updates", false, true, true},
		{cad, "htgateway/units/damkar-1/state", false, true, true},
		{cad, "owntracks/cad/phone", false, false, false},
		{cad, "htgateway/devices/cad/report", false, false, false},
		{mesh, "msh/ID/2/json/LongFast/!7d5a1c2e", true, false, false},
		{mesh, "msh/ID/2/e/LongFast/!7d5a1c2e", true, false, false},
		{mesh, "msh/ID/2/json/LongFast/!deadbeef", false, false, false},
		{mesh, "msh/ID/2/json/mqtt/", false, true, true},
		{mesh, "msh/ID/2/e/LongFast/+", false, false, true},
		{mesh, "owntracks/bukit/phone", false, false, false},
		{reader, "owntracks/andi/phone", false, true, true},
		{reader, "owntracks/andi/phone/cmd", false, false, false},
		{reader, "htgateway/incidents/in", false, false, false},
		{reader, "htgateway/incidents/7/updates", false, true, true},
		{reader, "#", false, false, true},
		{reader, "$SYS/#", false, false, false},
	} {
		if got := c.user.MayPublish(c.topic); got != c.publish {
			t.Errorf("%s %s publishes on %q: %v", c.user.Role, c.user.Name, c.topic, got)
		}
		if got := c.user.MayRead(c.topic); got != c.read && !strings.ContainsAny(c.topic, "+#") {
			t.Errorf("%s %s reads %q: %v", c.user.Role, c.user.Name, c.topic, got)
		}
		if got := c.user.MaySubscribe(c.topic); got != c.subscribe {
			t.Errorf("%s %s subscribes to %q: %v", c.user.Role, c.user.Name, c.topic, got)
		}
	}
}

// FuzzRead: what a users file lets in has a name that matches nobody else's topics,
// and written anew it is the same users.
func FuzzRead(f *testing.F) {
	for _, text := range []string{
		"", "# nobody\n", "andi:$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$aGFzaA:device\n", "cad-1:x\nmsh-roof:y:mesh:!7d5a1c2e\r\n",
		"andi:dispatcher:$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$aGFzaA\n", "andi:admin:x\r\nbudi:viewer:device\n", "andi:admin:reader",
		"andi:x:king\n", "#:x\n", "andi:x\nandi:y\n", "a/b:x", "$SYS:x", "andi:x:device:!7d5a1c2e",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		users, err := account.Read(strings.NewReader(text))
		if err != nil {
			if users != nil {
				t.Fatalf("%v, and users", err)
			}
			return
		}
		var again strings.Builder
		seen := map[string]bool{}
		for _, u := range users {
			if seen[u.Name] || u.Check() != nil || u.Hash == "" {
				t.Fatalf("%+v", u)
			}
			seen[u.Name] = true
			again.WriteString(u.String() + "\n")
		}
		if same, err := account.Read(strings.NewReader(again.String())); err != nil || !slices.Equal(same, users) {
			t.Fatalf("%v, %v, not %v", same, err, users)
		}
	})
}
