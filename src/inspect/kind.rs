//! The kinds of files exeat tells apart, their media types and the extensions they go by. Called by `sniff`, the previews
//! and the scanner.

use serde::{Deserialize, Serialize};

/// What a file is by its bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// No bytes at all.
    Empty,
    /// A table with commas, semicolons or bars between the cells.
    Csv,
    /// A table with tabs between the cells.
    Tsv,
    /// Plain text: notes, logs, code.
    Text,
    /// One JSON document.
    Json,
    /// A Jupyter notebook.
    Notebook,
    /// A web page.
    Html,
    /// A drawing in XML.
    Svg,
    /// Other XML.
    Xml,
    /// A PNG image.
    Png,
    /// A JPEG image.
    Jpeg,
    /// Another image.
    Image,
    /// A PDF document.
    Pdf,
    /// A zip archive.
    Zip,
    /// A document of an office program (zip inside).
    Office,
    /// A document of an old office program (OLE), RTF or `PostScript`.
    Document,
    /// Another archive or a compressed file.
    Archive,
    /// A Parquet or Arrow table.
    Columnar,
    /// A data file of R, Stata, SPSS, SAS, `SQLite` or `NumPy`.
    Data,
    /// A saved model or a saved state of a program.
    Model,
    /// A program.
    Program,
    /// Sound or video.
    Media,
    /// Bytes nobody here knows.
    Binary,
}

impl Kind {
    /// Whether it is read as characters.
    #[must_use]
    pub fn is_text(self) -> bool {
        matches!(self, Self::Text | Self::Json | Self::Notebook | Self::Html | Self::Svg | Self::Xml) || self.is_table()
    }

    /// Whether it is read as rows and cells.
    #[must_use]
    pub fn is_table(self) -> bool {
        matches!(self, Self::Csv | Self::Tsv)
    }

    /// What people call it, with its article.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Empty => "an empty file",
            Self::Csv => "a CSV table",
            Self::Tsv => "a table with tabs",
            Self::Text => "plain text",
            Self::Json => "JSON",
            Self::Notebook => "a Jupyter notebook",
            Self::Html => "a web page",
            Self::Svg => "an SVG drawing",
            Self::Xml => "XML",
            Self::Png => "a PNG image",
            Self::Jpeg => "a JPEG image",
            Self::Image => "an image",
            Self::Pdf => "a PDF document",
            Self::Zip => "a zip archive",
            Self::Office => "an office document",
            Self::Document => "a document",
            Self::Archive => "an archive or a compressed file",
            Self::Columnar => "a Parquet or Arrow table",
            Self::Data => "a data file of a statistics program",
            Self::Model => "a saved model or program state",
            Self::Program => "a program",
            Self::Media => "sound or video",
            Self::Binary => "bytes of an unknown kind",
        }
    }

    /// The kind a stored media type stands for; none for types exeat does not give.
    #[must_use]
    pub fn of_media_type(media_type: &str) -> Option<Self> {
        let bare = media_type.split(';').next().unwrap_or_default().trim();
        Some(match bare {
            "application/x-empty" => Self::Empty,
            "text/csv" => Self::Csv,
            "text/tab-separated-values" => Self::Tsv,
            "text/plain" | "text/x-shellscript" => Self::Text,
            "application/json" => Self::Json,
            "application/x-ipynb+json" => Self::Notebook,
            "text/html" => Self::Html,
            "image/svg+xml" => Self::Svg,
            "text/xml" | "application/xml" => Self::Xml,
            "image/png" => Self::Png,
            "image/jpeg" => Self::Jpeg,
            "application/pdf" => Self::Pdf,
            "application/zip" => Self::Zip,
            "application/rtf"
            | "application/postscript"
            | "application/x-ole-storage"
            | "application/msword"
            | "application/vnd.ms-excel"
            | "application/vnd.ms-powerpoint" => Self::Document,
            "application/vnd.apache.parquet" | "application/vnd.apache.arrow.file" => Self::Columnar,
            "application/x-r-data"
            | "application/x-stata"
            | "application/x-spss"
            | "application/x-npy"
            | "application/vnd.sqlite3" => Self::Data,
            "application/x-hdf5" | "application/x-pickle" | "application/x-safetensors" | "application/x-gguf" => {
                Self::Model
            }
            "application/x-tar"
            | "application/vnd.rar"
            | "application/gzip"
            | "application/x-bzip2"
            | "application/x-7z-compressed"
            | "application/x-xz"
            | "application/zstd"
            | "application/x-lz4"
            | "application/x-compress"
            | "application/x-lzip"
            | "application/vnd.bzip3"
            | "application/x-cpio"
            | "application/vnd.ms-cab-compressed"
            | "application/vnd.debian.binary-package"
            | "application/x-unix-archive"
            | "application/x-rpm" => Self::Archive,
            "application/wasm"
            | "application/x-executable"
            | "application/vnd.microsoft.portable-executable"
            | "application/java"
            | "application/x-llvm"
            | "application/x-mach-binary"
            | "application/vnd.android.dex"
            | "application/vnd.android.dey" => Self::Program,
            "application/octet-stream" => Self::Binary,
            other => return Self::of_family(other),
        })
    }

    fn of_family(media_type: &str) -> Option<Self> {
        if media_type.starts_with("application/vnd.openxmlformats-officedocument.")
            || media_type.starts_with("application/vnd.oasis.opendocument.")
        {
            return Some(Self::Office);
        }
        match media_type.split('/').next()? {
            "image" => Some(Self::Image),
            "audio" | "video" => Some(Self::Media),
            _ => None,
        }
    }
}

/// The extension of a key in lower case, without the dot; a second one is kept before a compression (`csv.gz`).
#[must_use]
pub fn extension(key: &str) -> Option<String> {
    let name = key.rsplit('/').next().unwrap_or(key).to_lowercase();
    let (stem, last) = name.rsplit_once('.')?;
    (!stem.is_empty() && !last.is_empty() && last.len() <= 16).then(|| last.to_owned())
}

/// The kinds a file with this extension may honestly be; none where the extension promises nothing.
///
/// From the registrations at IANA and the habits of the programs that write them.
#[must_use]
pub fn promised(extension: &str) -> Option<&'static [Kind]> {
    use Kind::{
        Archive, Binary, Columnar, Csv, Data, Document, Html, Image, Jpeg, Json, Model, Notebook, Office, Pdf, Png,
        Program, Svg, Text, Tsv, Xml, Zip,
    };
    Some(match extension {
        "csv" => &[Csv],
        "tsv" | "tab" => &[Tsv],
        "txt" | "dat" => &[Text, Csv, Tsv, Json],
        "log" | "md" | "rmd" | "qmd" | "tex" | "bib" | "r" | "py" | "do" | "ado" | "sas" | "sps" | "sql" | "sh"
        | "jl" | "m" | "c" | "h" | "cpp" | "js" | "ts" | "css" | "yml" | "yaml" | "toml" | "ini" | "cfg" | "smcl"
        | "out" | "err" => &[Text],
        "json" | "geojson" => &[Json],
        "jsonl" | "ndjson" => &[Text, Json],
        "ipynb" => &[Notebook],
        "html" | "htm" | "xhtml" => &[Html, Xml],
        "svg" => &[Svg],
        "xml" => &[Xml, Svg, Html],
        "png" => &[Png],
        "jpg" | "jpeg" => &[Jpeg],
        "gif" | "bmp" | "tif" | "tiff" | "webp" | "ico" => &[Image],
        "pdf" => &[Pdf],
        "eps" | "ps" | "rtf" | "doc" | "xls" | "ppt" => &[Document],
        "docx" | "xlsx" | "pptx" | "xlsm" | "docm" | "pptm" | "odt" | "ods" | "odp" => &[Office, Zip],
        "zip" | "npz" => &[Zip],
        "gz" | "bz2" | "xz" | "zst" | "tar" | "tgz" | "7z" | "rar" => &[Archive],
        "parquet" | "feather" | "arrow" => &[Columnar],
        "rds" | "rda" | "rdata" => &[Data, Archive],
        "dta" | "sav" | "sas7bdat" | "npy" | "sqlite" | "db" => &[Data, Binary],
        "pkl" | "pickle" | "h5" | "hdf5" | "onnx" | "safetensors" | "gguf" | "joblib" | "model" => {
            &[Model, Binary, Archive]
        }
        "pt" | "pth" | "keras" => &[Model, Zip, Binary],
        "exe" | "dll" | "so" | "wasm" | "class" => &[Program],
        _ => return None,
    })
}

/// Extensions of saved models and program states: whatever their bytes look like, nobody can read them by hand.
#[must_use]
pub fn is_model_extension(extension: &str) -> bool {
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
