// Package plain says what written texts and names are made of: one rule for
// everything that a person, an office or a token writes.
//
// A text is in NFC, in lines that end with U+000A. CR LF, a lone CR, VT, FF,
// U+0085, U+2028 and U+2029 become U+000A. Left out are the marks that change the
// direction of writing (Bidi_Control: U+061C, U+200E, U+200F, U+202A–202E,
// U+2066–2069), so that a number pasted from an address book goes through, and what
// nobody sees (Default_Ignorable_Code_Point), with these exceptions:
//
//   - U+200C and U+200D after a virama; between letters or marks of scripts that
//     join (Arabic, Devanagari and so on), U+200D also at the end of a word of one:
//     they change how a word is spelt (UAX #31, section 2.3; RFC 5892, appendix A);
//   - U+200D between pictures, and U+FE0E and U+FE0F after one, or in a keycap such
//     as 1️⃣ (UTS #51);
//   - tags after U+1F3F4 that end with U+E007F: flags of regions (UTS #51).
//
// Every other control character (C0 and C1) but U+0009 is refused by name. So is a text
// with nothing to see. U+FFFD is a character like others.
package plain
