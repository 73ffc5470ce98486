//! Cases from their beginning to their end.
