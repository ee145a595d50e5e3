package record

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"strings"
	"unicode"

	"github.com/paulmach/orb"
)

//go:embed record.html.tmpl
var page string

// WriteHTML writes the sheet as one page without scripts or outside parts, set for
// A4.
func (s *Sheet) WriteHTML(w io.Writer) error {
	t, err := template.New("record").Parse(page)
	if err != nil {
		return fmt.Errorf("cannot read the sheet's template: %w", err)
	}
	view := s.view()
	type figure struct {
		SVG   template.HTML // every text in it is escaped
		Title string
	}
	var maps []figure
	for _, k := range s.sketches() {
		maps = append(maps, figure{template.HTML(k.svg()), k.Title}) // #nosec G203 -- svg escapes every text in it
	}
	if err := t.Execute(w, map[string]any{"S": s, "V": view, "Maps": maps, "MapKey": mapKey, "Footer": cssText(view.Footer), "FramesNote": framesNote}); err != nil {
		return fmt.Errorf("cannot write the sheet: %w", err)
	}
	return nil
}

// cssText is a text as a CSS string, letters, digits and plain marks only.
func cssText(text string) template.CSS {
	return template.CSS(`"` + strings.Map(func(r rune) rune { // #nosec G203 -- letters, digits and plain marks are all that is let through
		if unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune(" ·,.:-/", r) {
			return r
		}
		return -1
	}, text) + `"`)
}

// svg draws the sketch; one unit is a millimetre.
func (k sketch) svg() string {
	var b strings.Builder
	fmt.Fprintf(&b, `<svg viewBox="0 0 %g %g" role="img" aria-label="%s">`, k.Width, k.Height, template.HTMLEscapeString(k.Title))
	for _, s := range k.Shapes {
		p := pens[s.Pen]
		colour := fmt.Sprintf("rgb(%d,%d,%d)", p.R, p.G, p.B)
		paint := fmt.Sprintf(`fill="%s"`, colour)
		if p.Width > 0 {
			paint = fmt.Sprintf(`fill="none" stroke="%s" stroke-width="%g" stroke-linejoin="round"`, colour, p.Width)
			if p.Dash > 0 {
				paint += fmt.Sprintf(` stroke-dasharray="%g"`, p.Dash)
			}
		}
		at := s.Points[0]
		switch s.Kind {
		case "line":
			fmt.Fprintf(&b, `<polyline points="%s" %s/>`, points(s.Points), paint)
		case "area":
			fmt.Fprintf(&b, `<polygon points="%s" %s/>`, points(s.Points), paint)
		case "circle":
			fmt.Fprintf(&b, `<circle cx="%.2f" cy="%.2f" r="%.2f" %s/>`, at[0], at[1], s.R, paint)
		case "text":
			weight := "normal"
			if p.Bold {
				weight = "bold"
			}
			fmt.Fprintf(&b, `<text x="%.2f" y="%.2f" font-size="%g" font-weight="%s" fill="%s">%s</text>`,
				at[0], at[1], p.FontSize, weight, colour, template.HTMLEscapeString(s.Text))
		}
	}
	b.WriteString("</svg>")
	return b.String()
}

func points(list []orb.Point) string {
	var b strings.Builder
	for i, p := range list {
		if i > 0 {
			b.WriteByte(' ')
		}
		fmt.Fprintf(&b, "%.2f,%.2f", p[0], p[1])
	}
	return b.String()
}
