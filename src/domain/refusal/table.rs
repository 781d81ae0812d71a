//! Refusals of one subject, as one table: the variant, its code in an address, its form field, and
//! the sentence.

macro_rules! refusals {
    ($refusal:ident; $($name:ident, $code:literal, $field:expr, $sentence:literal;)*) => {
        #[derive(
            Clone,
            Copy,
            Debug,
            PartialEq,
            Eq,
            serde::Serialize,
            serde::Deserialize,
            thiserror::Error,
        )]
        pub enum $refusal {
            $(#[error($sentence)] $name,)*
        }

        impl $refusal {
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// The code in an address, and in the log.
            pub fn code(self) -> &'static str {
                match self {
                    $(Self::$name => $code,)*
                }
            }

            /// The `name` of the refused form field.
            pub fn field(self) -> Option<&'static str> {
                match self {
                    $(Self::$name => $field,)*
                }
            }

            pub fn of_code(code: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|refusal| refusal.code() == code)
            }
        }
    };
}

pub(super) use refusals;
