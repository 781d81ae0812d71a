//! The usual name of a directory's provider.

use domain::text::ExternalText;

/// Scalekit writes providers in capitals; this returns their usual names.
pub fn directory_name(provider: &ExternalText) -> String {
    match provider.as_str() {
        "OKTA" => "Okta".to_owned(),
        "GOOGLE" | "GOOGLE_WORKSPACE" => "Google Workspace".to_owned(),
        "MICROSOFT_AD" | "ENTRA_ID" | "AZURE_AD" => "Microsoft Entra ID".to_owned(),
        "JUMPCLOUD" => "JumpCloud".to_owned(),
        "ONELOGIN" => "OneLogin".to_owned(),
        "PING_IDENTITY" => "Ping Identity".to_owned(),
        _ => provider.to_string(),
    }
}
