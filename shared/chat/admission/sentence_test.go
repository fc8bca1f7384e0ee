package admission_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"infocig/shared/chat/admission"
	"infocig/shared/hours"
	"infocig/shared/identity"
	"infocig/shared/text"
)

func TestDecisionsInItalian(t *testing.T) {
	const (
		other    = " Puoi usare gli altri canali di contatto."
		cantWait = " Se non puoi aspettare, usa gli altri canali di contatto."
	)
	strike := hours.Closure{From: rome(t, "2023-02-20 00:00:00"), Until: rome(t, "2023-02-21 00:00:00"), Reason: "sciopero"}
	fault := hours.Closure{From: rome(t, "2023-02-22 15:00:00"), Until: rome(t, "2023-02-22 16:00:00"), Reason: "guasto"}
	end := hours.Closure{From: rome(t, "2030-01-01 00:00:00"), Until: rome(t, "2090-01-01 00:00:00"), Reason: "fine del servizio"}
	load := func(low, high int) admission.Load {
		return admission.Load{Known: true, LowWait: time.Duration(low) * time.Minute, HighWait: time.Duration(high) * time.Minute}
	}
	owner := func(province, at string, l admission.Load) admission.Request {
		return admission.Request{
			At: rome(t, at), Login: identity.Login{Scheme: identity.CIE}, Audience: identity.Employer,
			Role: identity.RoleOwner, Province: province, Company: "Rossi S.r.l.", Load: l,
		}
	}
	worker := func(province, at string) admission.Request {
		return admission.Request{
			At: rome(t, at), Login: identity.Login{Scheme: identity.CIE}, Audience: identity.Worker,
			Role: identity.RoleWorker, Province: province,
		}
	}
	with := func(r admission.Request, change func(*admission.Request)) admission.Request {
		change(&r)
		return r
	}
	tests := map[string]struct {
		request admission.Request
		want    string
	}{
		"open": {
			worker("RM", "2023-02-13 16:00:00"),
			"Puoi parlare con un operatore fino alle 18:00.",
		},
		"open, in an experiment, with a wait": {
			owner("MI", "2022-12-15 16:00:00", load(4, 9)),
			"Puoi parlare con un operatore fino alle 18:00. Attesa stimata: tra 4 e 9 minuti. Servizio in fase sperimentale.",
		},
		"open, a minute": {
			owner("NA", "2023-02-13 16:00:00", load(0, 1)),
			"Puoi parlare con un operatore fino alle 18:00. Attesa stimata: circa un minuto.",
		},
		"open, from nothing to nine minutes": {
			owner("NA", "2023-02-13 16:00:00", load(0, 9)),
			"Puoi parlare con un operatore fino alle 18:00. Attesa stimata: fino a 9 minuti.",
		},
		"open, nine minutes": {
			owner("NA", "2023-02-13 16:00:00", load(9, 9)),
			"Puoi parlare con un operatore fino alle 18:00. Attesa stimata: circa 9 minuti.",
		},
		"busy": {
			owner("NA", "2023-02-13 16:00:00", load(20, 40)),
			"La chat è aperta, ma c'è molta attesa. Attesa stimata: tra 20 e 40 minuti." + cantWait,
		},
		"full": {
			owner("NA", "2023-02-13 17:22:00", load(20, 40)),
			"Dalle 17:22 in chat non c'è più posto prima della chiusura. " +
				"La chat riapre martedì 14 febbraio 2023 alle 15:00." + cantWait,
		},
		"closed": {
			owner("MI", "2022-12-23 18:00:00", admission.Load{}),
			"La chat è chiusa. Riapre martedì 27 dicembre 2022 alle 15:00. È attiva dal lunedì al venerdì, " +
				"dalle 15:00 alle 18:00, esclusi i giorni festivi." + cantWait,
		},
		"closed in the morning": {
			owner("MI", "2022-12-23 10:00:00", admission.Load{}),
			"La chat è chiusa. Apre oggi alle 15:00. È attiva dal lunedì al venerdì, " +
				"dalle 15:00 alle 18:00, esclusi i giorni festivi." + cantWait,
		},
		"early": {
			owner("MI", "2022-12-23 14:50:00", load(0, 0)),
			"Apre alle 15:00. Puoi già metterti in coda: rispondiamo in ordine di arrivo. Attesa stimata: circa 10 minuti. Servizio in fase sperimentale." + cantWait,
		},
		"holiday": {
			worker("RM", "2023-04-10 16:00:00"),
			"Oggi la chat è chiusa: Lunedì dell'Angelo. Riapre martedì 11 aprile 2023 alle 15:00." + cantWait,
		},
		"closure": {
			worker("RM", "2023-02-20 16:00:00"),
			"La chat è chiusa: sciopero. Riapre martedì 21 febbraio 2023 alle 15:00." + cantWait,
		},
		"closure that ends today": {
			worker("RM", "2023-02-22 15:10:00"),
			"La chat è chiusa: guasto. Riapre oggi alle 16:00." + cantWait,
		},
		"closed for good": {
			worker("RM", "2031-02-20 16:00:00"),
			"La chat è chiusa. La data di riapertura non è ancora nota: la pubblicheremo in questa pagina." + cantWait,
		},
		"not yet, dated": {
			worker("RM", "2021-05-07 16:00:00"),
			"INFO CIG non è ancora attivo per la tua provincia (Roma). Sarà attivo da lunedì 10 maggio 2021." + other,
		},
		"not yet, a company": {
			owner("BA", "2023-05-04 16:00:00", admission.Load{}),
			"INFO CIG non è ancora attivo per la tua provincia (Bari). Sarà attivo da lunedì 22 maggio 2023. " +
				"Per le aziende conta la provincia della sede legale. Azienda scelta: Rossi S.r.l.." + other,
		},
		"not yet, no date": {
			worker("TO", "2021-06-01 16:00:00"),
			"INFO CIG non è ancora attivo per la tua provincia (Torino). " +
				"La data di avvio non è ancora nota: la pubblicheremo in questa pagina." + other,
		},
		"not yet, abroad": {
			worker("EE", "2021-06-01 16:00:00"),
			"Per ora INFO CIG è attivo solo in alcune province italiane, e non risulta qual è la tua. Sarà attivo per tutti da lunedì 31 gennaio 2022." + other,
		},
		"not yet, a company without a province, no date": {
			owner("", "2022-12-16 16:00:00", admission.Load{}),
			"Per ora INFO CIG è attivo solo in alcune province italiane, e non risulta qual è la tua. La data di avvio per tutti non è ancora nota: la pubblicheremo in questa pagina. " +
				"Per le aziende conta la provincia della sede legale, che per Rossi S.r.l. non risulta." + other,
		},
		"not admitted": {
			with(owner("NA", "2023-02-13 16:00:00", admission.Load{}), func(r *admission.Request) { r.Role = identity.RoleEmployee }),
			"Il tuo ruolo è: dipendente dell'azienda. Possono usare questa chat il titolare dell'azienda, il rappresentante legale e il consulente aziendale." + other,
		},
		"weak login": {
			with(worker("RM", "2023-02-13 16:00:00"), func(r *admission.Request) { r.Login = identity.Login{Scheme: identity.SPID, Level: 1} }),
			"Per usare la chat accedi con SPID (livello 2 o superiore), CIE o CNS." + other,
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got := policy(t, strike, fault, end).Decide(tt.request).Answer("it").Text
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
	want := "In questo momento non riusciamo a dirti se la chat è aperta. Riprova tra qualche minuto." + other
	if got := admission.Unavailable().Answer("it").Text; got != want {
		t.Errorf("fault reads %q, want %q", got, want)
	}
}

// TestEveryDecisionCanBeSaid checks that every decision has its complete sentence in every
// language, and points to another channel unless the person may come in at once.
func TestEveryDecisionCanBeSaid(t *testing.T) {
	p := policy(t)
	rapid.Check(t, func(t *rapid.T) {
		minutes := rapid.IntRange(0, 120)
		d := p.Decide(admission.Request{
			At:       time.Date(2021, 1, 1, 0, rapid.IntRange(0, 7*365*24*60).Draw(t, "at"), 0, 0, time.UTC),
			Login:    identity.Login{Scheme: identity.SPID, Level: rapid.IntRange(1, 2).Draw(t, "level")},
			Audience: rapid.SampledFrom([]identity.Audience{identity.Worker, identity.Employer, identity.Intermediary}).Draw(t, "audience"),
			Role:     rapid.SampledFrom([]identity.Role{identity.RoleWorker, identity.RoleConsultant, identity.RoleEmployee}).Draw(t, "role"),
			Province: rapid.SampledFrom([]string{"RM", "MI", "BA", "AQ", "EE"}).Draw(t, "province"),
			Company:  "Rossi S.r.l.",
			Load: admission.Load{
				Known:    true,
				LowWait:  time.Duration(minutes.Draw(t, "low")) * time.Minute,
				HighWait: time.Duration(minutes.Draw(t, "high")) * time.Minute,
			},
		})
		for _, language := range text.Languages() {
			a := d.Answer(language)
			if a.Text == "" || strings.ContainsAny(a.Text, "{}—") || strings.Contains(a.Text, text.Sentence(language, "error.internal")) {
				t.Fatalf("%s: %+v reads %q", language, d, a.Text)
			}
			if len(a.Channels) == 0 {
				t.Fatalf("%s: a dead end", language)
			}
			other := strings.Contains(a.Text, text.Sentence(language, "closed.other")) || strings.Contains(a.Text, text.Sentence(language, "other.channels"))
			if !other && d.State != admission.Open {
				t.Fatalf("%s: %q is a dead end", language, a.Text)
			}
		}
	})
}

func TestAnswer(t *testing.T) {
	d := admission.Decision{
		State: admission.Closed, Reason: admission.OnHoliday, Text: "closed.holiday", Closure: "saint_francis",
		Until: rome(t, "2027-10-05 15:00:00"), OpensAt: rome(t, "2027-10-05 15:00:00"), Phase: "W3",
	}
	got := d.Answer("it")
	want := admission.Answer{
		State: admission.Closed, Reason: admission.OnHoliday,
		Text: "Oggi la chat è chiusa: San Francesco d'Assisi. Riapre martedì 5 ottobre 2027 alle 15:00. " +
			"Se non puoi aspettare, usa gli altri canali di contatto.",
		Until: d.Until, OpensAt: d.OpensAt, Closure: "San Francesco d'Assisi", Phase: "W3",
		Channels: admission.Unavailable().Answer("it").Channels,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	for _, channel := range got.Channels {
		if channel.Name == "" || channel.Text == "" || channel.URL == "" {
			t.Errorf("channel without words: %+v", channel)
		}
	}
}
