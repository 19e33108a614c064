package photo

import (
	"image"
	"image/draw"
)

// band is how many rows of a picture are taken at a time.
const band = 16

// bands gives the rows of a picture, from the first to the last, as premultiplied colours: y is that of the first row in the band, from 0. The
// whole of it in another form would take as much memory again.
func bands(m image.Image, do func(y int, rows *image.RGBA)) {
	r := m.Bounds()
	room := image.NewRGBA(image.Rect(0, 0, r.Dx(), min(band, r.Dy())))
	for y := 0; y < r.Dy(); y += band {
		n := min(band, r.Dy()-y)
		rows := room.SubImage(image.Rect(0, 0, r.Dx(), n)).(*image.RGBA)
		draw.Draw(rows, rows.Rect, m, image.Pt(r.Min.X, r.Min.Y+y), draw.Src)
		do(y, rows)
	}
}

// span says which pixels of a line make one pixel of a shorter line, and how much of each there is in it.
type span struct {
	first   int
	weights []float32
}

// spans is the triangle filter: each pixel of the shorter line is the middle of two such pixels' width of the longer.
func spans(to, from int) []span {
	scale := float64(from) / float64(to)
	width := max(scale, 1)
	list := make([]span, to)
	for i := range list {
		centre := (float64(i)+0.5)*scale - 0.5
		first, last := max(0, int(centre-width)), min(from-1, int(centre+width)+1)
		s := span{first: first}
		sum := float32(0)
		for j := first; j <= last; j++ {
			w := float32(max(0, 1-abs(float64(j)-centre)/width))
			s.weights = append(s.weights, w)
			sum += w
		}
		for j := range s.weights {
			s.weights[j] /= sum
		}
		list[i] = s
	}
	return list
}

func abs(x float64) float64 { return max(x, -x) }

// resample gives a picture in another size, not larger, and holds a few rows of it at a time.
func resample(m image.Image, size image.Point) *image.NRGBA {
	to := image.NewNRGBA(image.Rectangle{Max: size})
	across, down := spans(size.X, m.Bounds().Dx()), spans(size.Y, m.Bounds().Dy())
	open := map[int][]float32{} // rows of the new picture that are not whole yet
	var free [][]float32        // rows that are written
	line := make([]float32, 4*size.X)
	next := 0
	bands(m, func(y int, rows *image.RGBA) {
		for i := range rows.Rect.Dy() {
			narrow(line, rows.Pix[i*rows.Stride:], across)
			for row := next; row < size.Y && down[row].first <= y+i; row++ {
				at := y + i - down[row].first
				if at >= len(down[row].weights) {
					continue
				}
				if open[row] == nil && len(free) > 0 {
					open[row], free = free[len(free)-1], free[:len(free)-1]
					clear(open[row])
				} else if open[row] == nil {
					open[row] = make([]float32, len(line))
				}
				add(open[row], line, down[row].weights[at])
				if at == len(down[row].weights)-1 {
					finish(to.Pix[row*to.Stride:], open[row])
					free = append(free, open[row])
					delete(open, row)
					next = max(next, row)
				}
			}
		}
	})
	return to
}

// narrow makes one line of four channels shorter.
func narrow(to []float32, from []uint8, across []span) {
	for i, s := range across {
		var r, g, b, a float32
		px := from[4*s.first:]
		for j, w := range s.weights {
			p := px[4*j : 4*j+4 : 4*j+4]
			r += float32(w * float32(p[0])) // rounded here: no processor fuses it with the sum
			g += float32(w * float32(p[1]))
			b += float32(w * float32(p[2]))
			a += float32(w * float32(p[3]))
		}
		t := to[4*i : 4*i+4 : 4*i+4]
		t[0], t[1], t[2], t[3] = r, g, b, a
	}
}

func add(to, from []float32, weight float32) {
	for i, v := range from {
		to[i] += float32(weight * v)
	}
}

// finish writes a line of premultiplied colours as plain ones.
func finish(to []uint8, from []float32) {
	for i := 0; i < len(from); i += 4 {
		a := from[i+3]
		if a < 0.5 {
			clear(to[i : i+4])
			continue
		}
		for c := range 3 {
			to[i+c] = uint8(min(255, from[i+c]*255/a+0.5))
		}
		to[i+3] = uint8(min(255, a+0.5))
	}
}
