package typeset_test

import (
	"testing"

	"panah/core/typeset"
	webfonts "panah/web/fonts"
)

// fonts are the ones of a release; `make build` puts them there.
func fonts(t testing.TB) *typeset.Fonts {
	t.Helper()
	regular, err1 := webfonts.Regular()
	bold, err2 := webfonts.Bold()
	if err1 != nil || err2 != nil {
		t.Fatal(err1, err2)
	}
	f, err := typeset.LoadFonts(regular, bold)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// wording is what the sample letter says in one language. Everybody and everything in it is made up.
type wording struct {
	title, about, greeting, lead, middle, end string
	number, from, until                       string // filled in
	why                                       string
	asks                                      []string
	head                                      []string
	rows                                      [][]string
	close, sign, place, foot                  string
}

// sample is a letter of two pages with everything that letters have: values of both directions, a table, a list, lines to sign on.
func sample(lang string) typeset.Document {
	w := wordings()[lang]
	filled := func(s string) typeset.Run { return typeset.Run{Text: s, Filled: true} }
	say := func(s string) typeset.Run { return typeset.Run{Text: s} }
	d := typeset.Document{Lang: lang, Title: w.title, Numbered: true, Footer: []typeset.Run{say(w.foot)}}
	d.Blocks = []typeset.Block{
		typeset.Heading{Level: 1, Runs: []typeset.Run{say(w.title)}},
		typeset.Paragraph{Runs: []typeset.Run{say(w.about), filled(w.number), say(" · "), filled(w.from)}},
		typeset.Paragraph{Runs: []typeset.Run{say(w.greeting)}},
		typeset.Paragraph{Runs: []typeset.Run{say(w.lead), filled(w.from), say(w.middle), {Text: w.until, Filled: true, Bold: true}, say(w.end), {Text: "Ahmad R. Karimi", Lang: "en", Filled: true}, say(".")}},
	}
	for range 4 {
		d.Blocks = append(d.Blocks, typeset.Paragraph{Runs: []typeset.Run{say(w.why)}})
	}
	list := typeset.List{Ordered: true}
	for _, a := range w.asks {
		list.Items = append(list.Items, []typeset.Run{say(a)})
	}
	table := typeset.Table{}
	for _, h := range w.head {
		table.Head = append(table.Head, []typeset.Run{say(h)})
	}
	for range 3 {
		for _, r := range w.rows {
			var row [][]typeset.Run
			for _, c := range r {
				row = append(row, []typeset.Run{filled(c)})
			}
			table.Rows = append(table.Rows, row)
		}
	}
	dots := list
	dots.Ordered = false
	d.Blocks = append(d.Blocks, typeset.Heading{Level: 2, Runs: []typeset.Run{say(w.asks[0])}}, list, table,
		typeset.Paragraph{Runs: []typeset.Run{say(w.why)}}, dots, typeset.Paragraph{Runs: []typeset.Run{say(w.why)}},
		typeset.Paragraph{Runs: []typeset.Run{say(w.close)}}, typeset.Space{MM: 4},
		typeset.Signature{Under: [][]typeset.Run{{say(w.place)}, {say(w.sign)}}})
	return d
}

func wordings() map[string]wording {
	return map[string]wording{
		"fa": {
			title: "درخواست توقف اجرای دستور خروج", about: "موضوع: پروندهٔ شمارهٔ ", greeting: "با سلام و احترام،",
			lead: "به این وسیله به آگاهی می\u200Cرساند که برگهٔ سرشماری موکل ما در تاریخ ", middle: " صادر شده و اعتبار آن تا ", end: " تمدید شده است. نام ایشان در گذرنامه چنین نوشته شده است: ",
			number: "12-34/56", from: "۱۴۰۳/۰۶/۱۵", until: "۲۹ اسفند ۱۴۰۳ (20 March 2025)",
			why:   "بر پایهٔ مادهٔ ۳۳ کنوانسیون ۱۹۵۱ دربارهٔ وضعیت پناهندگان، هیچ دولتی نباید پناهنده\u200Cای را به سرزمینی بازگرداند که جان یا آزادی او در آنجا در خطر است. از آنجا که رسیدگی به درخواست ایشان هنوز پایان نیافته، خواهشمند است تا روشن\u200Cشدن نتیجه از هر اقدامی که بازگشت\u200Cناپذیر باشد خودداری فرمایید. کمیساریای عالی (UNHCR) نیز در جریان است.",
			asks:  []string{"درخواست\u200Cهای ما", "اجرای دستور تا پایان رسیدگی متوقف شود؛", "نتیجه به\u200Cصورت کتبی به نشانی دفتر ما (info@example.org، تلفن \u200E+98 21 5550 0199) اعلام شود."},
			head:  []string{"سند", "تاریخ صدور", "اعتبار تا", "یادداشت"},
			rows:  [][]string{{"کارت آمایش ۱۷", "۱۴۰۲/۱۱/۰۱", "۱۴۰۳/۱۲/۲۹", "تمدید شد (بخشنامهٔ ۴۵)"}, {"گذرنامه", "2019-05-04", "2024-05-04", "پایان یافته؛ درخواست نو ۱۴۰۳"}},
			close: "پیشاپیش از توجه شما سپاسگزاریم.", place: "جا و تاریخ", sign: "امضای وکیل", foot: "این نامه به درخواست دارندهٔ برگه نوشته شده است.",
		},
		"fa-AF": {
			title: "نامهٔ وضعیت اسناد", about: "شمارهٔ دوسیه: ", greeting: "السلام علیکم،",
			lead: "به استحضار می\u200Cرسانیم که تذکرهٔ الکترونیکی موکل ما به تاریخ ", middle: " توزیع گردیده و تا ", end: " اعتبار دارد. نام وی در پاسپورت چنین درج است: ",
			number: "K-2024/007", from: "۲۹ حوت ۱۴۰۳", until: "۲۹ حوت ۱۴۰۴ (20 March 2026)",
			why:   "قرار معلومات واصله، درخواست شخص مذکور هنوز تحت غور است و فیصلهٔ نهایی صادر نگردیده است. بنابرین خواهشمندیم تا روشن شدن نتیجه از هرگونه اقدام که حقوق ایشان را متضرر سازد، جلوگیری به عمل آید. دفتر کمیشنری عالی ملل متحد (UNHCR) نیز از موضوع مطلع است و در صورت ضرورت معلومات بیشتر ارائه می\u200Cگردد.",
			asks:  []string{"خواهش ما از آن اداره", "اسناد شخص دوباره به خودش سپرده شود؛", "جواب به شکل تحریری به دفتر ما (تیلیفون \u200E+93 20 555 0199) ارسال گردد."},
			head:  []string{"نوع سند", "تاریخ صدور", "تاریخ ختم", "ملاحظات"},
			rows:  [][]string{{"تذکرهٔ الکترونیکی", "۱۴۰۱/۰۲/۱۰", "۱۴۱۱/۰۲/۱۰", "نزد خودش است"}, {"ویزه", "2024-01-31", "2024-04-30", "تمدید نشده (90 روز)"}},
			close: "با تشکر از همکاری شما.", place: "محل و تاریخ", sign: "امضای وکیل مدافع", foot: "این نامه به خواهش دارندهٔ سند تحریر شده است.",
		},
		"ps": {
			title: "د اسنادو د حالت لیک", about: "د دوسیې ګڼه: ", greeting: "السلام عليکم،",
			lead: "په درناوي سره خبر درکوو چې زموږ د مؤکل برېښنايي تذکره په ", middle: " نېټه ورکړل شوې او تر ", end: " پورې اعتبار لري. په پاسپورت کې یې نوم داسې لیکل شوی دی: ",
			number: "K-2024/007", from: "۲۹ کب ۱۴۰۳", until: "۲۹ کب ۱۴۰۴ (20 March 2026)",
			why:   "د ۱۹۵۱ کال د کډوالو د کنوانسیون د ۳۳ مادې له مخې هېڅ دولت باید کډوال داسې ځای ته ونه ګرځوي چې ژوند یا ازادي یې په خطر کې وي. څرنګه چې د نوموړي غوښتنلیک لا تر څېړنې لاندې دی، هیله کوو چې تر پایلې پورې داسې ګام وانخیستل شي چې بېرته نه شي سمېدای. د ملګرو ملتونو د کډوالو عالي کمېشنري (UNHCR) هم خبره ده. ټول ډېر کړۍ پښتو ګڼلو ځينې څوک ۍ.",
			asks:  []string{"زموږ غوښتنې", "اسناد دې بېرته خپل څښتن ته وسپارل شي؛", "ځواب دې په لیکلې بڼه زموږ دفتر ته (ټیلیفون \u200E+93 20 555 0199) راولېږل شي."},
			head:  []string{"سند", "د ورکړې نېټه", "د پای نېټه", "یادښت"},
			rows:  [][]string{{"برېښنايي تذکره", "۱۴۰۱/۰۲/۱۰", "۱۴۱۱/۰۲/۱۰", "ورسره ده"}, {"ویزه", "2024-01-31", "2024-04-30", "نه ده اوږده شوې"}},
			close: "ستاسو له همکارۍ مننه.", place: "ځای او نېټه", sign: "د وکیل لاسلیک", foot: "دا لیک د سند د څښتن په غوښتنه لیکل شوی دی.",
		},
		"ur": {
			title: "دستاویزات کی حیثیت کا خط", about: "فائل نمبر: ", greeting: "السلام علیکم،",
			lead: "مؤدبانہ عرض ہے کہ ہمارے مؤکل کا پی او آر کارڈ مورخہ ", middle: " کو جاری ہوا اور اس کی میعاد ", end: " تک بڑھائی گئی ہے۔ پاسپورٹ میں ان کا نام یوں درج ہے: ",
			number: "PoR-2024/007", from: "15 جون 2023", until: "30 جون 2025 (۳۰ جون ۲۰۲۵)",
			why:   "۱۹۵۱ کے کنونشن کے آرٹیکل 33 کے مطابق کسی بھی پناہ گزین کو ایسی جگہ واپس نہیں بھیجا جا سکتا جہاں اس کی جان یا آزادی کو خطرہ ہو۔ چونکہ ان کی درخواست ابھی زیرِ غور ہے، اس لیے گزارش ہے کہ حتمی فیصلے تک کوئی ایسا قدم نہ اٹھایا جائے جسے واپس نہ لیا جا سکے۔ اقوامِ متحدہ کے ہائی کمشنر (UNHCR) کو بھی اطلاع دی گئی ہے۔ بڑھتے ہوئے، ٹھیک، ڈھونڈنا، جھوٹ، ماں، ہے۔",
			asks:  []string{"ہماری گزارشات", "کارڈ اس کے مالک کو واپس کیا جائے؛", "جواب تحریری طور پر ہمارے دفتر (فون \u200E+92 51 555 0199) کو بھیجا جائے۔"},
			head:  []string{"دستاویز", "تاریخِ اجرا", "میعاد", "کیفیت"},
			rows:  [][]string{{"پی او آر کارڈ", "15-06-2021", "30-06-2025", "میعاد بڑھ گئی (SRO 45)"}, {"ویزا", "2024-01-31", "2024-04-30", "ختم؛ نئی درخواست دی گئی ہے"}},
			close: "آپ کے تعاون کا شکریہ۔", place: "مقام اور تاریخ", sign: "وکیل کے دستخط", foot: "یہ خط دستاویز کے مالک کی درخواست پر لکھا گیا ہے۔",
		},
		"en": {
			title: "Request to suspend an order to leave", about: "Subject: case number ", greeting: "Dear Sir or Madam,",
			lead: "We write on behalf of our client, whose census slip was issued on ", middle: " and has been extended until ", end: ". The name in the passport reads ",
			number: "12-34/56", from: "5 September 2024", until: "19 March 2025 (۲۹ اسفند ۱۴۰۳)",
			why:   "Under Article 33 of the 1951 Convention relating to the Status of Refugees, nobody may be returned to a territory where life or freedom would be threatened. As the request is still being examined, we ask you to refrain from any step that cannot be undone until a decision has been taken and served in writing. The office of the High Commissioner (UNHCR) has been informed.",
			asks:  []string{"What we ask for", "that the order is not carried out before the examination has ended;", "that the answer is sent in writing to our office (info@example.org, +98 21 5550 0199)."},
			head:  []string{"Paper", "Issued", "Valid until", "Note"},
			rows:  [][]string{{"Amayesh card 17", "1402/11/01", "1403/12/29", "extended by circular 45"}, {"Passport (گذرنامه)", "2019-05-04", "2024-05-04", "ended; asked for a new one"}},
			close: "Thank you for your attention.", place: "Place and date", sign: "Counsel", foot: "Written at the request of the holder of the paper.",
		},
	}
}
