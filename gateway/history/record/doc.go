// Package record makes the sheet of one incident that is printed and filed, and
// the same as electronic data: who did what, when, where and by what means; how
// each arrival is known; what was corrected; how the procedure's clocks ended; and
// the frames behind it all. A reader needs no other source to check a number.
//
// [Gather] collects the sheet; [WriteHTML], [WritePDF] and [WriteJSON] print it.
//
// Stage: journal, state → **record** → paper, PDF, JSON; made when somebody asks.
package record
