package calendar

import (
	"fmt"
	"time"

	"panah/core/l10n"
)

// months of both calendars by language. Iran, Afghanistan in Dari and Afghanistan in Pashto each have their own names for the same solar months.
var months = map[string]struct{ solar, gregorian [12]string }{
	"en": {
		[12]string{"Farvardin", "Ordibehesht", "Khordad", "Tir", "Mordad", "Shahrivar", "Mehr", "Aban", "Azar", "Dey", "Bahman", "Esfand"},
		[12]string{"January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"},
	},
	"fa": {
		[12]string{"فروردین", "اردیبهشت", "خرداد", "تیر", "مرداد", "شهریور", "مهر", "آبان", "آذر", "دی", "بهمن", "اسفند"},
		[12]string{"ژانویه", "فوریه", "مارس", "آوریل", "مه", "ژوئن", "ژوئیه", "اوت", "سپتامبر", "اکتبر", "نوامبر", "دسامبر"},
	},
	"fa-AF": {
		[12]string{"حمل", "ثور", "جوزا", "سرطان", "اسد", "سنبله", "میزان", "عقرب", "قوس", "جدی", "دلو", "حوت"},
		[12]string{"جنوری", "فبروری", "مارچ", "اپریل", "می", "جون", "جولای", "اگست", "سپتمبر", "اکتوبر", "نومبر", "دسمبر"},
	},
	"ps": {
		[12]string{"وری", "غویی", "غبرگولی", "چنګاښ", "زمری", "وږی", "تله", "لړم", "لیندۍ", "مرغومی", "سلواغه", "کب"},
		[12]string{"جنوري", "فبروري", "مارچ", "اپریل", "مۍ", "جون", "جولای", "اګست", "سپتمبر", "اکتوبر", "نومبر", "دسمبر"},
	},
	"ur": {
		[12]string{"فروردین", "اردیبہشت", "خرداد", "تیر", "مرداد", "شہریور", "مہر", "آبان", "آذر", "دی", "بہمن", "اسفند"},
		[12]string{"جنوری", "فروری", "مارچ", "اپریل", "مئی", "جون", "جولائی", "اگست", "ستمبر", "اکتوبر", "نومبر", "دسمبر"},
	},
}

// Month is the name of a solar month, 1 to 12, in a language of core/l10n (English for others); "" when there is no such month.
func Month(m int, lang string) string {
	if m < 1 || m > 12 {
		return ""
	}
	return named(lang).solar[m-1]
}

func named(lang string) struct{ solar, gregorian [12]string } {
	if names, known := months[lang]; known {
		return names
	}
	return months[l10n.English]
}

// Both is a day in both calendars in words: "24 November 2026" and "3 Azar 1405", with the digits of the language, in t's own time zone. The solar one is "" out of bounds.
func Both(t time.Time, lang string) (gregorian, solar string) {
	names, digits := named(lang), l10n.Latin
	if l, known := l10n.Find(lang); known {
		digits = l.Digits
	}
	y, m, d := t.Date()
	gregorian = digits.Shape(fmt.Sprintf("%d %s %d", d, names.gregorian[m-1], y))
	if s, err := FromGregorian(t); err == nil {
		solar = digits.Shape(fmt.Sprintf("%d %s %d", s.D, names.solar[s.M-1], s.Y))
	}
	return gregorian, solar
}
