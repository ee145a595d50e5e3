package link

import "htgateway/devices/account"

// hashes are the password hashes of the users in a role, who alone may come this way.
func hashes(users map[string]account.User, role account.Role) map[string]string {
	out := make(map[string]string, len(users))
	for name, u := range users {
		if u.Role == role {
			out[name] = u.Hash
		}
	}
	return out
}
