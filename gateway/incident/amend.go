package incident

// district is the sub-district that the incident lies in, as last corrected.
func (f *file) district() string {
	for i := len(f.relocated) - 1; i >= 0; i-- {
		if d := f.relocated[i].District; d != "" {
			return d
		}
	}
	return f.opening.District
}
