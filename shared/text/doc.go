// Package text has every sentence that a user reads: one JSON catalogue per
// language, embedded here and bundled by the pages. There is one copy.
//
// A catalogue is one flat object, key to sentence. Keys are lower case, dotted
// by subject ("closed.holiday"); every language has the same keys, with the
// same placeholders. Language: "tu", short sentences, dates in full, hours as
// 15:00, no preposition before a province.
//
// # Placeholders
//
//	sentence    = *( literal | "{" name [ "," format ] "}" )
//	name        = lower-case letters, digits and "_"
//	format      = "date" | "day" | "time" | "minutes"
//
// Blanks around name and format do not count. Braces have no other use, and
// there is no escape. The formats, with the argument that they want in Go and
// in TypeScript:
//
//	{name}             text or whole number   string, int    string, number
//	{opens_at, date}   lunedì 13 febbraio 2023  time.Time    ISO 8601 string
//	{opens_at, day}    13 febbraio 2023         time.Time    ISO 8601 string
//	{opens_at, time}   15:00                    time.Time    ISO 8601 string
//	{high, minutes}    7, rounded up            Duration     seconds
//
// Instants are shown in Europe/Rome, whatever the zone of the reader. The order
// of a date is the language's own: keys format.date and format.day, from
// weekday, day, month and year; names are weekday.0 (Sunday) to weekday.6 and
// month.1 to month.12.
//
// A missing or unfit argument shows as a dash and never as a brace; a missing
// key shows as the sentence of error.internal. In TypeScript:
//
//	function format(c: Record<string, string>, key: string, args: Args = {}): string {
//	  return (c[key] ?? c["error.internal"]).replace(/\{\s*(\w+)\s*(?:,\s*(\w+)\s*)?\}/g, (_, name, f) => {
//	    const v = args[name];
//	    if (v === undefined || v === "") return "—";
//	    if (f === "minutes") return String(Math.ceil(Number(v) / 60));
//	    if (!f) return String(v);
//	    const p = Object.fromEntries(new Intl.DateTimeFormat("en-GB", { timeZone: "Europe/Rome", year: "numeric",
//	      month: "numeric", day: "numeric", hour: "2-digit", minute: "2-digit", hourCycle: "h23" })
//	      .formatToParts(new Date(v)).map((x) => [x.type, x.value]));
//	    if (f === "time") return `${p.hour}:${p.minute}`;
//	    const weekday = new Date(Date.UTC(+p.year, +p.month - 1, +p.day)).getUTCDay();
//	    return format(c, `format.${f}`, { weekday: c[`weekday.${weekday}`], day: +p.day,
//	      month: c[`month.${+p.month}`], year: p.year });
//	  });
//	}
package text
