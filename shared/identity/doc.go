// Package identity says who somebody is: a person in a role, for a company or not, or a
// member of the institute's staff. It knows no area and touches nothing.
package identity
