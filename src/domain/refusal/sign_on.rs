//! The refusals of single sign-on: its settings, the identity provider, and the sign-in itself.

use super::table::refusals;

refusals! { SignOnRefusal;
    // the settings of an organization
    Issuer, "sso-issuer", Some("issuer"),
        "An issuer is an https address such as https://acme.okta.com, without a question mark and without a name or password in it.";
    ClientId, "sso-client-id", Some("client_id"),
        "A client id has 1 to 200 characters without blanks.";
    ClientSecret, "sso-client-secret", Some("client_secret"),
        "Enter the client secret, or say that the client has none.";
    Domains, "sso-domains", Some("domains"),
        "Up to 20 domains such as acme.com, with commas between them.";
    DomainTaken, "sso-domain-taken", Some("domains"),
        "One of these domains belongs to another organization already.";
    NoScalekit, "sso-no-scalekit", Some("kind"),
        "This installation has no Scalekit client. Enter the issuer of the provider itself.";
    NoProvider, "sso-no-provider", None,
        "No identity provider is set for this organization. Save one first.";
    NotTried, "sso-not-tried", None,
        "No admin of this organization has signed in with this provider yet. Do it once, then require it: otherwise no person could get in.";
    RequiredNow, "sso-required-now", None,
        "Single sign-on is required now. Stop requiring it first, so that no person is locked out.";

    // the identity provider
    Unreachable, "sso-unreachable", None,
        "The identity provider could not be reached. Check the issuer, or try again later.";
    PrivateAddress, "sso-private-address", None,
        "The identity provider is in a private network, to which Seatkeeper does not connect.";
    TooSlow, "sso-too-slow", None,
        "The identity provider did not answer within 10 seconds. Try again later.";
    Redirects, "sso-redirects", None,
        "The identity provider answers with a redirect, which Seatkeeper does not follow. Enter the issuer exactly as the provider names it.";
    Answer, "sso-answer", None,
        "The identity provider answers with an error. Check the issuer: its configuration is not at this address.";
    TooLarge, "sso-too-large", None,
        "The identity provider sends an answer that is far too large.";
    Unreadable, "sso-unreadable", None,
        "The identity provider sends something that is not OpenID Connect. Check the issuer.";
    IssuerDiffers, "sso-issuer-differs", None,
        "The identity provider names another issuer than the one that is set. Both must be equal to the letter, with the slash at the end.";
    Endpoint, "sso-endpoint", None,
        "The identity provider names an address that is not https.";
    NoPkce, "sso-no-pkce", None,
        "The identity provider does not offer PKCE with S256, without which Seatkeeper signs no person in.";
    NoKeys, "sso-no-keys", None,
        "The identity provider publishes no key that Seatkeeper can check a signature with (RSA of 2,048 bits or more, P-256, P-384 or Ed25519).";
    ClientRefused, "sso-client-refused", None,
        "The identity provider does not accept Seatkeeper’s client id or its secret. An admin has to correct the settings of single sign-on.";
    CodeRefused, "sso-code-refused", None,
        "The identity provider did not confirm this sign-in. Begin again.";

    // the sign-in
    Domain, "sso-domain", Some("email"),
        "No single sign-on is set up for this address. Sign in with your password, or ask an admin of your organization.";
    NotSetUp, "sso-not-set-up", None,
        "No single sign-on is set up here. Sign in with your password, or ask an admin of your organization.";
    FlowOver, "sso-over", None,
        "This sign-in took too long, was used already, or was begun in another browser. Begin again.";
    Denied, "sso-denied", None,
        "The identity provider refused the sign-in. Ask an admin of your organization whether you may use Seatkeeper.";
    AnotherProvider, "sso-another-provider", None,
        "The answer came from another identity provider than the one that was asked. Begin again.";
    Token, "sso-token", None,
        "The identity provider sent something that cannot be read as a sign-in. Tell an admin of your organization.";
    Algorithm, "sso-algorithm", None,
        "The identity provider signs in a way that is not safe here. Tell an admin of your organization.";
    UnknownKey, "sso-unknown-key", None,
        "The identity provider signs with a key that it does not publish. Begin again in a minute.";
    Signature, "sso-signature", None,
        "The signature of this sign-in is wrong. Begin again, and tell an admin of your organization if it happens twice.";
    TokenIssuer, "sso-token-issuer", None,
        "This sign-in was made by another issuer than the one that is set.";
    Audience, "sso-audience", None,
        "This sign-in was made for another application.";
    Expired, "sso-expired", None,
        "This sign-in has expired. Begin again; if it happens twice, a clock is wrong.";
    Nonce, "sso-nonce", None,
        "This sign-in belongs to another one that was begun. Begin again.";
    AccessToken, "sso-access-token", None,
        "Two parts of this sign-in do not belong together. Begin again.";
    AnotherOrganization, "sso-another-organization", None,
        "This sign-in is for another organization than the one that was asked for.";
    NoEmail, "sso-no-email", None,
        "The identity provider does not say what your e-mail address is. An admin has to let it send the address.";
    EmailNotVerified, "sso-email-not-verified", None,
        "The identity provider has not verified your e-mail address, and its domain is not one that belongs to the organization.";
    NoAccount, "sso-no-account", None,
        "You have no account here yet. Ask an admin of your organization to invite you.";
    LeftDirectory, "sso-left-directory", None,
        "The directory of your organization says that you have left it, or that you are switched off there.";
    OtherRights, "sso-other-rights", None,
        "Your account has rights elsewhere, too, so the single sign-on of one organization cannot open it. Sign in with your password; “Forgot your password?” sets one.";
    Disabled, "sso-disabled", None,
        "Your account is disabled. Ask an admin.";
    NotConnected, "sso-not-connected", None,
        "There is an account with your address that is not connected with single sign-on. Sign in with its password, and connect it on the page “Your account”.";
    StaffNotConnected, "sso-staff-not-connected", None,
        "This identity is not connected with a staff account. Sign in with your password once, and connect it on the page “Your account”.";
    ConnectedToAnother, "sso-connected", None,
        "This identity is connected with another account already.";
    SignedOut, "sso-signed-out", None,
        "You were signed out meanwhile. Sign in, then connect your account again.";
    Required, "sso-required", None,
        "Your organization requires single sign-on. Use “Sign in with single sign-on” below.";
    NoPassword, "sso-no-password", Some("present"),
        "Your account has no password. “Forgot your password?” on the sign-in page sets one.";
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn each_refusal_has_a_code_of_its_own() {
        let codes: BTreeSet<_> = SignOnRefusal::ALL.iter().map(|refusal| refusal.code()).collect();

        assert_eq!(codes.len(), SignOnRefusal::ALL.len());
        for refusal in SignOnRefusal::ALL {
            assert_eq!(SignOnRefusal::of_code(refusal.code()), Some(*refusal));
            assert!(refusal.code().starts_with("sso-"), "{refusal:?}");
        }
    }
}
