package telemetry

import "testing"

func TestCellTextIsNoFormula(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"=1", " =1", "+62", "-1", "@x", "\tx", "\r\n=x", "\n@x"} {
		if got := CellText(text); got != "'"+text {
			t.Errorf("%q became %q", text, got)
		}
	}
	for _, text := range []string{"", "Damkar 1", "1-2", "a=b", "   "} {
		if got := CellText(text); got != text {
			t.Errorf("%q became %q", text, got)
		}
	}
}
