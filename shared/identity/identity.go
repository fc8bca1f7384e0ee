package identity

// An Identity is who somebody is according to the portal that authenticated them.
// Requirements.
type Identity struct {
	Side     Side   `json:"side"`
	ID       string `json:"id"` // PersonID of a citizen, StaffID of staff
	Name     string `json:"name"`
	Language string `json:"language,omitempty"` // of the sentences sent to them

	// Of a citizen.
	Login       Login     `json:"login,omitzero"`
	Audience    Audience  `json:"audience,omitempty"`
	Role        Role      `json:"role,omitempty"`
	Province    string    `json:"province,omitempty"` // of residence, or of the company's registered office
	Company     CompanyID `json:"company,omitempty"`  // that they act for
	CompanyName string    `json:"company_name,omitempty"`
	Sealed      []byte    `json:"sealed,omitempty"` // the fiscal code, encrypted

	// Of staff.
	Groups []string `json:"groups,omitempty"`
	Skills []string `json:"topics,omitempty"` // what an advisor knows, in the institute's words; none for everything
	Person PersonID `json:"person,omitempty"` // as whom they would ask themselves; "" where the token does not say it
}
