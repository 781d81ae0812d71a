//! Stories: the whole of Seatkeeper from outside, on both engines.

#[cfg(test)]
mod letters;
#[cfg(test)]
mod support;
