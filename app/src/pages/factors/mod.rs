//! What a person shows besides the password, or in its place: the factors of the reader's own
//! account, and the steps of a sign-in that ask for them.

mod new_app;
mod own;
mod passkeys;
mod recovery_codes;
mod second_step;

pub use self::{
    new_app::{FirstFactor, NewApp},
    own::Factors,
    recovery_codes::RecoveryCodes,
    second_step::SecondStep,
};
