use super::*;

#[test]
fn a_code_stands_for_its_refusal_unless_that_has_a_text() {
    let limit = SeatLimit::Seats(55);
    for refusal in [
        Refusal::SeatLimit,
        Refusal::LimitChangedMeanwhile(limit),
        Refusal::PeopleToAdd(0),
        Refusal::PlanNotOpen,
        Refusal::SignOn(SignOnRefusal::Nonce),
        Refusal::Passkey(PasskeyRefusal::Copied),
        Refusal::ApiKey(ApiKeyRefusal::Days),
        Refusal::Import(ImportRefusal::NoEmails),
        Refusal::View(ViewRefusal::Minutes),
    ] {
        assert_eq!(Refusal::of_code(refusal.code(), limit), Some(refusal));
    }
    for text in [Refusal::Email("<b>call us</b>".into()), Refusal::NoAccount("a".into())] {
        assert_eq!(Refusal::of_code(text.code(), limit), None);
    }
    assert_eq!(Refusal::of_code("<b>call us</b>", limit), None);
}

#[test]
fn no_code_stands_for_two_refusals() {
    let of_sign_on = SignOnRefusal::ALL.iter().map(|refusal| refusal.code());
    let of_passkeys = PasskeyRefusal::ALL.iter().map(|refusal| refusal.code());
    let of_keys = ApiKeyRefusal::ALL.iter().map(|refusal| refusal.code());
    let of_views = ViewRefusal::ALL.iter().map(|refusal| refusal.code());
    let others = of_sign_on.chain(of_passkeys).chain(of_keys).chain(of_views);
    let others = others.chain(ImportRefusal::CODES);
    let all: Vec<_> = Refusal::CODES.iter().copied().chain(others).collect();
    let mut codes = all.clone();
    codes.sort_unstable();
    codes.dedup();
    assert_eq!(codes.len(), all.len());
}
