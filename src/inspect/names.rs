//! What the extensions of names say, whatever the format. Called by `sniff` and the scanner.

/// The extension of a key in lower case, without the dot.
pub(super) fn extension(key: &str) -> Option<String> {
    let name = key.rsplit('/').next().unwrap_or(key).to_lowercase();
    let (stem, last) = name.rsplit_once('.')?;
    (!stem.is_empty() && !last.is_empty() && last.len() <= 16).then(|| last.to_owned())
}

/// Whether an extension stands for any text there may be.
pub(super) fn says_little(extension: &str) -> bool {
    matches!(extension, "" | "txt" | "dat")
}

/// Extensions of saved models and program states: whatever their bytes look like, nobody can read them by hand.
pub(super) fn is_model_extension(extension: &str) -> bool {
    matches!(
        extension,
        "rds"
            | "rda"
            | "rdata"
            | "pkl"
            | "pickle"
            | "h5"
            | "hdf5"
            | "onnx"
            | "safetensors"
            | "gguf"
            | "joblib"
            | "model"
            | "pt"
            | "pth"
            | "keras"
            | "pmml"
            | "mod"
            | "sav"
            | "dta"
            | "npy"
            | "npz"
    )
}
