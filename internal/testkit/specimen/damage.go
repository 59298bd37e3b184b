package specimen

import (
	"math"
	"math/rand/v2"
)

// wear does to the film what the damage says; pitch is the width of a character in pixels.
func (m *film) wear(damage Damage, pitch float64, r *rand.Rand) {
	noise := 2 + 2*r.Float64()
	m.blur(0.6)
	switch damage {
	case Blurred:
		m.blur(pitch * (0.08 + 0.1*r.Float64()))
	case Motion:
		m.smear(pitch*(0.2+0.5*r.Float64()), r.Float64()*math.Pi)
	case Noisy:
		noise = 20 + 25*r.Float64()
	case LowLight:
		dim := float32(0.08 + 0.12*r.Float64())
		for i := range m.pix {
			m.pix[i] *= dim
		}
		noise = 2.5 + 2.5*r.Float64()
	case Glare:
		m.glare(r)
	}
	for i := range m.pix {
		m.pix[i] += float32(noise * r.NormFloat64())
	}
}

// blur is a Gaussian, in two passes.
func (m *film) blur(sigma float64) {
	n := int(3*sigma) + 1
	kernel := make([]float32, 2*n+1)
	var sum float32
	for i := range kernel {
		d := float64(i - n)
		kernel[i] = float32(math.Exp(-d * d / (2 * sigma * sigma)))
		sum += kernel[i]
	}
	for i := range kernel {
		kernel[i] /= sum
	}
	across := make([]float32, len(m.pix))
	for y := range m.h {
		row, out := m.pix[y*m.w:(y+1)*m.w], across[y*m.w:(y+1)*m.w]
		for x := range out {
			var v float32
			for k, weight := range kernel {
				v += weight * row[min(m.w-1, max(0, x+k-n))]
			}
			out[x] = v
		}
	}
	clear(m.pix)
	for y := range m.h {
		out := m.pix[y*m.w : (y+1)*m.w]
		for k, weight := range kernel {
			row := across[min(m.h-1, max(0, y+k-n))*m.w:]
			for x := range out {
				out[x] += weight * row[x]
			}
		}
	}
}

// smear moves the camera by length pixels while it exposes.
func (m *film) smear(length, angle float64) {
	sin, cos := math.Sincos(angle)
	out := make([]float32, len(m.pix))
	steps := int(length*2) + 1
	for y := range m.h {
		for x := range m.w {
			var v float32
			for s := range steps {
				t := (float64(s)/float64(steps) - 0.5) * length
				px, py := min(m.w-1, max(0, int(float64(x)+t*cos+0.5))), min(m.h-1, max(0, int(float64(y)+t*sin+0.5)))
				v += m.pix[py*m.w+px]
			}
			out[y*m.w+x] = v / float32(steps)
		}
	}
	m.pix = out
}

// glare lays two lamps' reflections over the lower part, where the zone is: the print pales, it does not vanish everywhere.
func (m *film) glare(r *rand.Rand) {
	for range 2 {
		cx, cy := float64(m.w)*(0.15+0.7*r.Float64()), float64(m.h)*(0.45+0.45*r.Float64())
		rx, ry := float64(m.w)*(0.06+0.12*r.Float64()), float64(m.h)*(0.06+0.14*r.Float64())
		peak := 0.65 + 0.3*r.Float64()
		for y := range m.h {
			for x := range m.w {
				dx, dy := (float64(x)-cx)/rx, (float64(y)-cy)/ry
				a := float32(peak * math.Exp(-(dx*dx + dy*dy)))
				i := y*m.w + x
				m.pix[i] += a * (265 - m.pix[i])
			}
		}
	}
}
