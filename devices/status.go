package devices

// Status is what a pressed key means, whatever the radio that it was pressed on.
type Status string

// The meanings that every protocol's codes are mapped to by configuration.
const (
	StatusAvailable       Status = "available"
	StatusAcknowledged    Status = "acknowledged"
	StatusEnRoute         Status = "en_route"
	StatusOnScene         Status = "on_scene"
	StatusInProgress      Status = "in_progress"
	StatusNeedsAssistance Status = "needs_assistance"
	StatusCompleted       Status = "completed"
	StatusReturning       Status = "returning"
	StatusOutOfService    Status = "out_of_service"
	StatusEmergency       Status = "emergency"
	// StatusOther is a code that no table maps: kept with its code and shown.
	StatusOther Status = "other"
)

// Statuses lists every meaning, in the order a field team meets them.
func Statuses() []Status {
	return []Status{
		StatusAvailable, StatusAcknowledged, StatusEnRoute, StatusOnScene, StatusInProgress,
		StatusNeedsAssistance, StatusCompleted, StatusReturning, StatusOutOfService,
		StatusEmergency, StatusOther,
	}
}

// Known reports whether s is one of the meanings above.
func (s Status) Known() bool {
	for _, k := range Statuses() {
		if s == k {
			return true
		}
	}
	return false
}
