//! Is this delivery really theirs?
