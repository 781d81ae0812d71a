//! The factors of an account, and the steps that its browser has begun.

use std::fmt::Write;

use base64::{Engine, engine::general_purpose::STANDARD_NO_PAD};
use fast_qr::qr::QRBuilder;

use crate::{
    commands::Error,
    db::Reach,
    domain::{
        access::{FreshProof, Viewer},
        factor::{APP_PERIOD, StepKind},
        refusal::Refusal,
        text::ExternalText,
    },
    state::AppState,
    store::{
        accounts, factor_steps, factors,
        passkeys::{self, StoredPasskey},
        settings,
    },
    views::factors::{
        FactorsPage, FirstFactorPage, IdentityPage, NewAppPage, PasskeyRow, QrCode, SecondStepPage,
    },
};

/// What the app shows beside the code.
const ISSUER: &str = "Seatkeeper";

/// Whether browsers make passkeys for the address of this installation, and find them.
pub fn offers_passkeys(state: &AppState) -> bool {
    state.settings.public_url.passkey_host().is_some()
}

/// The factors of the viewer's own account. `device` is the viewer's browser, in words.
pub async fn own_factors(
    state: &AppState,
    viewer: &Viewer,
    device: String,
) -> Result<FactorsPage, Error> {
    let mut tx = state.db.read_for_page(Reach::Account(viewer)).await?;
    let factors = factors::of(&mut tx, &viewer.account).await?;
    let values = settings::values(&mut tx, &state.settings.fixed).await?;
    let is_needed = values.staff_second_factor && viewer.role.is_staff();
    let own = passkeys::of_account(&mut tx, &viewer.account).await?;
    Ok(FactorsPage {
        factors,
        passkeys: own.into_iter().map(passkey_row).collect(),
        offers_passkeys: offers_passkeys(state),
        device,
        is_needed,
        now: state.clock.now(),
    })
}

fn passkey_row(stored: StoredPasskey) -> PasskeyRow {
    PasskeyRow {
        id: stored.id,
        name: ExternalText::new(&stored.name),
        stored_name: stored.name,
        added_at: stored.added_at,
        used_at: stored.used_at,
    }
}

/// By what the viewer can show again who they are.
pub async fn identity(state: &AppState, viewer: &Viewer) -> Result<IdentityPage, Error> {
    let mut tx = state.db.read_for_page(Reach::Account(viewer)).await?;
    let factors = factors::of(&mut tx, &viewer.account).await?;
    let takes_passkey = factors.passkeys > 0 && offers_passkeys(state);
    Ok(IdentityPage { email: ExternalText::new(&viewer.email), takes_passkey })
}

/// The app that this browser sets up for the viewer, unless the time is over.
pub async fn new_app(
    state: &AppState,
    viewer: &Viewer,
    _: &FreshProof,
    token: &str,
) -> Result<NewAppPage, Error> {
    let mut tx = state.db.read_for_page(Reach::Account(viewer)).await?;
    let named = (token, StepKind::AddApp);
    let step = factor_steps::find(&mut tx, named, state.clock.now()).await?;
    let step = step.filter(|step| step.account == viewer.account);
    page(&step.ok_or(Refusal::SetUpOver)?.state, &viewer.email)
}

/// What staff who have no factor can set up in the middle of a sign-in. `device` is their browser,
/// in words.
pub async fn first_factor(
    state: &AppState,
    token: &str,
    device: String,
) -> Result<FirstFactorPage, Error> {
    let mut tx = state.db.read_for_page(Reach::Installation).await?;
    let named = (token, StepKind::FirstFactor);
    let step = factor_steps::find(&mut tx, named, state.clock.now()).await?;
    let step = step.ok_or(Error::Missing)?;
    let viewer = accounts::viewer(&mut tx, &step.account).await?.ok_or(Error::Missing)?;
    let app = page(&step.state, &viewer.email)?;
    Ok(FirstFactorPage { app, offers_passkeys: offers_passkeys(state), device })
}

/// Which factors the second step of this browser's sign-in takes. `Missing` if the time is over.
pub async fn second_step(state: &AppState, token: &str) -> Result<SecondStepPage, Error> {
    let mut tx = state.db.read_for_page(Reach::Installation).await?;
    let named = (token, StepKind::SecondStep);
    let step = factor_steps::find(&mut tx, named, state.clock.now()).await?;
    let account = step.ok_or(Error::Missing)?.account;
    let factors = factors::of(&mut tx, &account).await?;
    let takes_passkey = factors.passkeys > 0 && offers_passkeys(state);
    Ok(SecondStepPage { factors, takes_passkey })
}

fn page(secret: &str, email: &str) -> Result<NewAppPage, Error> {
    let failed = |error: &dyn std::fmt::Display| Error::Internal(format!("no QR code: {error}"));
    let secret = STANDARD_NO_PAD.decode(secret).map_err(|error| failed(&error))?;
    let app = totp_rs::Builder::new()
        .with_secret(secret)
        .with_step_duration(APP_PERIOD)
        .with_issuer(Some(ISSUER))
        .with_account_name(email.replace(':', " "))
        .build()
        .map_err(|error| failed(&error))?;
    let link = app.to_url().map_err(|error| failed(&error))?;
    let letters: Vec<char> = app.secret().to_base32().chars().collect();
    let groups: Vec<String> = letters.chunks(4).map(|group| group.iter().collect()).collect();
    let qr = qr(&link).ok_or_else(|| failed(&"too long"))?;
    Ok(NewAppPage { qr, link, secret: groups.join(" ") })
}

/// Each row of dark modules becomes few rectangles.
fn qr(text: &str) -> Option<QrCode> {
    let code = QRBuilder::new(text).build().ok()?;
    let size = code.size;
    let mut path = String::new();
    for y in 0..size {
        let mut x = 0;
        while x < size {
            let length = (x..size).take_while(|at| code[y][*at].value()).count();
            if length > 0 {
                let _ = write!(path, "M{x} {y}h{length}v1h-{length}z");
            }
            x += length.max(1);
        }
    }
    Some(QrCode { size, path })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_app_gets_the_secret_by_picture_by_link_and_by_hand() {
        let secret = STANDARD_NO_PAD.encode(b"12345678901234567890");
        let page = page(&secret, "kim@acme.test").unwrap();

        assert_eq!(page.secret, "GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ");
        assert!(page.link.starts_with("otpauth://totp/Seatkeeper:kim"), "{}", page.link);
        assert!(page.link.contains("secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"), "{}", page.link);
        // the three corners of the code: a frame of seven modules
        assert!(page.qr.path.starts_with("M0 0h7v1h-7z"), "{}", page.qr.path);
        let last = page.qr.size - 7;
        assert!(page.qr.path.contains(&format!("M{last} 0h7")), "{}", page.qr.path);
        assert!(page.qr.path.contains(&format!("M0 {last}h7")), "{}", page.qr.path);
    }
}
