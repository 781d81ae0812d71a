//! The kinds of directories, as people call them.

/// The usual name of a provider, which Scalekit writes in capitals; `None` if it is not known.
pub fn provider_name(provider: &str) -> Option<&'static str> {
    match provider {
        "OKTA" => Some("Okta"),
        "GOOGLE" | "GOOGLE_WORKSPACE" => Some("Google Workspace"),
        "MICROSOFT_AD" | "ENTRA_ID" | "AZURE_AD" => Some("Microsoft Entra ID"),
        "JUMPCLOUD" => Some("JumpCloud"),
        "ONELOGIN" => Some("OneLogin"),
        "PING_IDENTITY" => Some("Ping Identity"),
        _ => None,
    }
}
