package record

import (
	"fmt"
	"io"
	"strings"

	"codeberg.org/go-pdf/fpdf"
	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/gomono"
	"golang.org/x/image/font/gofont/goregular"
)

// Measures of the page in millimetres, and of type in points.
const (
	pageWidth   = 210.0
	pageMargin  = 14.0
	textWidth   = pageWidth - 2*pageMargin
	bottom      = 18.0
	lineHeight  = 3.7
	cellPad     = 1.0
	bodyPt      = 8.5
	tablePt     = 7.2
	framePt     = 6.6
	signRoomMM  = 36.0
	factsLabel  = 38.0
	mapGap      = 10.0
	sans, fixed = "go", "gomono"
)

// sheetPDF is a sheet on its way to paper.
type sheetPDF struct {
	*fpdf.Fpdf
	v view
}

// WritePDF writes the sheet as PDF on A4, with its fonts in it, so that any printer
// prints the same. It needs no browser and no network.
func (s *Sheet) WritePDF(w io.Writer) error {
	p := sheetPDF{fpdf.New("P", "mm", "A4", ""), s.view()}
	p.AddUTF8FontFromBytes(sans, "", goregular.TTF)
	p.AddUTF8FontFromBytes(sans, "B", gobold.TTF)
	p.AddUTF8FontFromBytes(fixed, "", gomono.TTF)
	p.SetMargins(pageMargin, 14, pageMargin)
	p.SetAutoPageBreak(true, bottom)
	p.SetTitle(printText(p.v.Title+" "+p.v.Number), true)
	p.SetLang("id")
	p.SetCreationDate(s.MadeAt)
	p.SetModificationDate(s.MadeAt)
	p.AliasNbPages("{nb}")
	p.SetFooterFunc(p.foot)
	p.AddPage()
	p.head()
	p.facts()
	p.section("Unit yang ditugaskan", p.v.Units)
	p.section("Kedatangan dan buktinya", p.v.Arrivals)
	p.title("Jam SOP terhadap batasnya")
	p.paragraph(p.v.Summary)
	p.table(p.v.Clocks)
	p.maps(s.sketches())
	p.section("Urutan kejadian", p.v.Timeline)
	p.section("Koreksi", p.v.Fixes)
	p.signatures()
	p.frames()
	if err := p.Output(w); err != nil {
		return fmt.Errorf("cannot write the sheet as PDF: %w", err)
	}
	return nil
}

// printText leaves out what the fonts cannot show: control characters, and those
// beyond the basic plane, for which a box stands.
func printText(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n':
			return r
		case r < 0x20 || r == 0x7f:
			return ' '
		case r > 0xffff:
			return '□'
		}
		return r
	}, strings.ToValidUTF8(text, "□"))
}

func (p sheetPDF) foot() {
	p.SetY(-bottom + 5)
	p.SetFont(sans, "", 6.8)
	p.SetTextColor(70, 70, 70)
	p.CellFormat(textWidth-35, 4, printText(p.v.Footer), "T", 0, "L", false, 0, "")
	p.CellFormat(35, 4, fmt.Sprintf("Halaman %d dari {nb}", p.PageNo()), "T", 0, "R", false, 0, "")
	p.SetTextColor(0, 0, 0)
}

func (p sheetPDF) head() {
	for i, line := range p.v.Heading {
		style, size := "", 8.5
		switch i {
		case 0:
			style, size, line = "B", 13, strings.ToUpper(line)
		case 1:
			style, size = "B", 11
		}
		p.SetFont(sans, style, size)
		p.MultiCell(textWidth, size*0.47, printText(line), "", "C", false)
	}
	y := p.GetY() + 1.5
	p.SetLineWidth(0.6)
	p.Line(pageMargin, y, pageMargin+textWidth, y)
	p.SetLineWidth(0.2)
	p.Line(pageMargin, y+0.9, pageMargin+textWidth, y+0.9)
	p.SetY(y + 4)
	p.SetFont(sans, "B", 12.5)
	p.MultiCell(textWidth, 6, p.v.Title, "", "C", false)
	p.SetFont(sans, "", 9.5)
	p.MultiCell(textWidth, 5, printText("Nomor "+p.v.Number), "", "C", false)
	p.Ln(2)
}

func (p sheetPDF) facts() {
	for _, f := range p.v.Facts {
		p.SetFont(sans, "", bodyPt)
		p.SetTextColor(70, 70, 70)
		p.CellFormat(factsLabel, 4.3, f[0], "", 0, "L", false, 0, "")
		p.SetTextColor(0, 0, 0)
		p.MultiCell(textWidth-factsLabel, 4.3, printText(f[1]), "", "L", false)
	}
}

// title begins a section, on a new page when only its title would stand on this one.
func (p sheetPDF) title(text string) {
	p.room(22)
	p.Ln(3.5)
	p.SetFont(sans, "B", 10)
	p.CellFormat(textWidth, 5.5, text, "B", 1, "L", false, 0, "")
	p.Ln(1.2)
}

func (p sheetPDF) room(mm float64) {
	_, height := p.GetPageSize()
	if p.GetY()+mm > height-bottom {
		p.AddPage()
	}
}

func (p sheetPDF) paragraph(text string) {
	p.SetFont(sans, "", bodyPt)
	p.MultiCell(textWidth, 4.2, printText(text), "", "L", false)
	p.Ln(0.8)
}

func (p sheetPDF) section(title string, t table) {
	p.title(title)
	p.table(t)
}

// table prints rows whose cells wrap; a row is never torn over two pages unless it
// is longer than one, and the heading stands on each.
func (p sheetPDF) table(t table) {
	if len(t.Rows) == 0 {
		p.paragraph(t.Empty)
		return
	}
	widths := make([]float64, len(t.Widths))
	for i, share := range t.Widths {
		widths[i] = share / 100 * textWidth
	}
	heading := func() { p.row(widths, t.Head, "B", [3]int{235, 235, 235}) }
	heading()
	_, height := p.GetPageSize()
	for _, r := range t.Rows {
		style, fill := "", [3]int{255, 255, 255}
		if r.Marked {
			style, fill = "B", [3]int{251, 233, 231}
		}
		if need := p.rowHeight(widths, r.Cells, style); p.GetY()+need > height-bottom {
			p.AddPage()
			heading()
		}
		p.row(widths, r.Cells, style, fill)
	}
}

func (p sheetPDF) rowHeight(widths []float64, cells []string, style string) float64 {
	p.SetFont(sans, style, tablePt)
	lines := 1
	for i, text := range cells {
		lines = max(lines, len(p.wrap(text, widths[i])))
	}
	return float64(lines)*lineHeight + 2*cellPad - 0.6
}

// wrap breaks a text at spaces, and words that are too long where the cell ends.
func (p sheetPDF) wrap(text string, width float64) []string {
	room := width - 2*cellPad
	var lines []string
	line := ""
	for _, word := range strings.Fields(printText(text)) {
		for p.GetStringWidth(word) > room {
			if line != "" {
				lines, line = append(lines, line), ""
			}
			n := 0
			for i := range word {
				if i > 0 && p.GetStringWidth(word[:i]) > room {
					break
				}
				n = i
			}
			if n == 0 {
				break // not even one letter fits
			}
			lines, word = append(lines, word[:n]), word[n:]
		}
		longer := strings.TrimPrefix(line+" "+word, " ")
		if p.GetStringWidth(longer) > room && line != "" {
			lines, line = append(lines, line), word
			continue
		}
		line = longer
	}
	return append(lines, line)
}

func (p sheetPDF) row(widths []float64, cells []string, style string, fill [3]int) {
	high := p.rowHeight(widths, cells, style)
	x, y := p.GetXY()
	p.SetDrawColor(150, 150, 150)
	p.SetLineWidth(0.15)
	p.SetFillColor(fill[0], fill[1], fill[2])
	for i, text := range cells {
		p.Rect(x, y, widths[i], high, "FD")
		for n, line := range p.wrap(text, widths[i]) {
			p.SetXY(x+cellPad-0.9, y+cellPad-0.3+float64(n)*lineHeight)
			p.CellFormat(widths[i], lineHeight, line, "", 0, "L", false, 0, "")
		}
		x += widths[i]
	}
	p.SetDrawColor(0, 0, 0)
	p.SetXY(pageMargin, y+high)
}

func (p sheetPDF) maps(list []sketch) {
	if len(list) == 0 {
		return
	}
	p.room(list[0].Height + 30)
	p.title("Sketsa lintasan")
	x, y := pageMargin, p.GetY()
	for _, k := range list {
		p.sketch(k, x, y)
		p.SetXY(x, y+k.Height+0.5)
		p.SetFont(sans, "", 7.2)
		p.CellFormat(k.Width, 4, k.Title, "", 0, "L", false, 0, "")
		x += k.Width + mapGap
	}
	p.SetXY(pageMargin, y+list[0].Height+5)
	p.paragraph(mapKey)
}

const mapKey = "Tanda tambah merah: lokasi insiden; lingkaran: radius kedatangannya. Segitiga hijau: tempat unit saat tiba. Titik kecil: fix GPS. Titik abu-abu bernama: desa/kelurahan. Utara di atas."

// sketch draws a sketch with its upper left at x, y.
func (p sheetPDF) sketch(k sketch, x, y float64) {
	p.ClipRect(x-0.2, y-0.2, k.Width+0.4, k.Height+0.4, false)
	defer p.ClipEnd()
	for _, s := range k.Shapes {
		n := pens[s.Pen]
		p.SetDrawColor(n.R, n.G, n.B)
		p.SetFillColor(n.R, n.G, n.B)
		p.SetTextColor(n.R, n.G, n.B)
		p.SetLineWidth(n.Width)
		style := "F"
		if n.Width > 0 {
			style = "D"
		}
		if n.Dash > 0 {
			p.SetDashPattern([]float64{n.Dash, n.Dash}, 0)
		}
		corners := make([]fpdf.PointType, len(s.Points))
		for i, at := range s.Points {
			corners[i] = fpdf.PointType{X: x + at[0], Y: y + at[1]}
		}
		switch s.Kind {
		case "line":
			for i := 1; i < len(corners); i++ {
				p.Line(corners[i-1].X, corners[i-1].Y, corners[i].X, corners[i].Y)
			}
		case "area":
			p.Polygon(corners, style)
		case "circle":
			p.Circle(corners[0].X, corners[0].Y, s.R, style)
		case "text":
			weight := ""
			if n.Bold {
				weight = "B"
			}
			p.SetFont(sans, weight, n.FontSize*72/25.4)
			p.Text(corners[0].X, corners[0].Y, printText(s.Text))
		}
		p.SetDashPattern(nil, 0)
	}
	p.SetDrawColor(0, 0, 0)
	p.SetTextColor(0, 0, 0)
}

func (p sheetPDF) signatures() {
	p.room(signRoomMM + 16)
	p.Ln(8)
	half := textWidth / 2
	y := p.GetY()
	p.SetFont(sans, "", 9)
	for i, column := range [][3]string{{"", p.v.Left, ""}, {p.v.PlaceDate, p.v.Right, p.v.Signer}} {
		x := pageMargin + float64(i)*half
		for n, text := range column[:2] {
			p.SetXY(x, y+float64(n)*5)
			p.CellFormat(half, 5, printText(text), "", 0, "C", false, 0, "")
		}
		p.Line(x+12, y+signRoomMM, x+half-12, y+signRoomMM)
		p.SetXY(x, y+signRoomMM+0.5)
		p.CellFormat(half, 5, printText(column[2]), "", 0, "C", false, 0, "")
	}
	p.SetXY(pageMargin, y+signRoomMM+6)
}

func (p sheetPDF) frames() {
	p.title("Lampiran: bingkai data mentah")
	p.paragraph(framesNote)
	for _, f := range p.v.Frames {
		p.room(14)
		p.SetFont(sans, "B", tablePt)
		p.MultiCell(textWidth, 3.4, printText(f.Head), "", "L", false)
		p.SetFont(sans, "", tablePt)
		p.MultiCell(textWidth, 3.4, printText(f.Heard), "", "L", false)
		p.SetFont(fixed, "", framePt)
		for _, text := range []string{f.Text, f.Hex} {
			for _, line := range p.wrap(text, textWidth) {
				p.CellFormat(textWidth, 3, line, "", 1, "L", false, 0, "")
			}
		}
		p.Ln(1.2)
	}
	if len(p.v.Frames) == 0 {
		p.paragraph("Tidak ada.")
	}
}

const framesNote = "Setiap laporan di atas sebagaimana diterima, sebagai teks dan heksadesimal. Identitas radio adalah klaim: radio tidak membuktikan siapa yang memancar."
