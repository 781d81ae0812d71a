//! Reads the `.env` file as any editor saves it, or refuses it with a message that says what is
//! wrong.

use std::{collections::HashMap, fs, io::ErrorKind, path::Path};

use super::Problem;

const EXAMPLE: &str = "SEATKEEPER_LISTEN=127.0.0.1:3000";
const BYTE_ORDER_MARK: char = '\u{feff}';
const SAVE_AS_UTF8: &str = "Save it as UTF-8.";

/// The variables of a `.env` file. The process's own variables do not change; a missing file has no
/// variables.
pub(super) fn read_env_file(path: &Path) -> Result<HashMap<String, String>, Problem> {
    let bytes = match fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(HashMap::new()),
        Err(error) => return Err(problem(format!("cannot be read: {error}."))),
    };
    variables(&text(bytes).map_err(problem)?)
}

fn problem(wrong: String) -> Problem {
    Problem { variable: ".env", wrong, example: EXAMPLE }
}

/// The text with line feeds between its lines, and without the byte order marks that some editors
/// write.
fn text(bytes: Vec<u8>) -> Result<String, String> {
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        return Err(format!("is UTF-16, as some editors save “Unicode”. {SAVE_AS_UTF8}"));
    }
    if bytes.contains(&0) {
        return Err(format!("holds zero bytes, as UTF-16 and UTF-32 do. {SAVE_AS_UTF8}"));
    }
    let text = String::from_utf8(bytes).map_err(|error| {
        let before = &error.as_bytes()[..error.utf8_error().valid_up_to()];
        let line = before.split(|byte| *byte == b'\n').count();
        format!("is not UTF-8: see line {line}. {SAVE_AS_UTF8}")
    })?;
    let text = text.replace("\r\n", "\n");
    if text.contains('\r') {
        return Err("has carriage returns without line feeds between its lines. Save it with the line ends of Unix or Windows.".to_owned());
    }
    let lines: Vec<&str> =
        text.split('\n').map(|line| line.trim_start_matches(BYTE_ORDER_MARK)).collect();
    Ok(lines.join("\n"))
}

fn variables(text: &str) -> Result<HashMap<String, String>, Problem> {
    let mut variables = HashMap::new();
    let mut last = None;
    for line in dotenvy::from_read_iter(text.as_bytes()) {
        // The error would quote the line, which may hold a secret.
        let (name, value) = line.map_err(|_| match &last {
            None => problem("has a first line that is not NAME=value. Quote values with blanks: NAME='two words'.".to_owned()),
            Some(name) => problem(format!("has a line after {name} that is not NAME=value. Quote values with blanks: NAME='two words'.")),
        })?;
        last = Some(name.clone());
        variables.insert(name, value);
    }
    Ok(variables)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: impl AsRef<[u8]>) -> Result<HashMap<String, String>, String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(".env");
        fs::write(&path, bytes).unwrap();
        read_env_file(&path).map_err(|problem| problem.wrong)
    }

    fn utf16(text: &str, unit: fn(u16) -> [u8; 2]) -> Vec<u8> {
        text.encode_utf16().flat_map(unit).collect()
    }

    #[test]
    fn a_file_is_read_as_every_editor_saves_it() {
        let expected = HashMap::from([
            ("A".to_owned(), "1".to_owned()),
            ("B".to_owned(), "two words".to_owned()),
        ]);

        for text in [
            "A=1\nB='two words'\n",
            "\u{feff}A=1\nB='two words'",
            "A=1\r\nB='two words'\r\n",
            "\u{feff}A=1\r\n\r\n# a comment\r\nB=\"two words\"\r\n",
            "export A=1\nexport B='two words'\n",
            "\u{feff}export A=1\r\n  export  B = 'two words'  \r\n",
            "A=1\n\u{feff}B='two words'\n",
        ] {
            assert_eq!(read(text), Ok(expected.clone()), "{text:?}");
        }
        assert_eq!(read("\u{feff}"), Ok(HashMap::new()));
        assert_eq!(read(""), Ok(HashMap::new()));
    }

    #[test]
    fn what_is_no_text_says_what_it_is() {
        let secret = "SCALEKIT_CLIENT_SECRET=live_very-secret\n";
        let marked = format!("\u{feff}{secret}");
        for (bytes, wrong) in [
            (utf16(&marked, u16::to_le_bytes), "is UTF-16"),
            (utf16(&marked, u16::to_be_bytes), "is UTF-16"),
            (utf16(secret, u16::to_le_bytes), "holds zero bytes"),
            (b"A=1\nMAIL_FROM=J\xf6rg <j@b.test>\n".to_vec(), "is not UTF-8: see line 2"),
            (b"A=1\rB=2\r".to_vec(), "carriage returns"),
        ] {
            let message = read(&bytes).unwrap_err();
            assert!(message.starts_with(wrong) || message.contains(wrong), "{message}");
            assert!(!message.contains("very-secret"), "{message}");
        }
    }

    #[test]
    fn a_folder_of_that_name_is_reported() {
        let folder = tempfile::tempdir().unwrap();
        let message = read_env_file(folder.path()).unwrap_err().wrong;

        assert!(message.contains("cannot be read") && message.contains("directory"), "{message}");
    }
}
