// Package upkeep has what nobody at the desk asks for: what time asks for (Sweep, Watch,
// Retain), what supervisors and operators do, and what people may have of their data.
package upkeep
