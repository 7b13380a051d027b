//! What the generated files are written in.

/// A closed set of texts: an enum that travels as its text.
macro_rules! enumeration {
    ($(#[$doc:meta])* $name:ident { $($variant:ident = $text:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum $name {
            $(
                #[doc = concat!("`", $text, "`.")]
                $variant,
            )+
        }

        impl $name {
            /// Every value, in the order of the service model.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The same as texts.
            pub(crate) const TEXTS: &'static [&'static str] = &[$($text,)+];

            /// The text on the wire.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $text,)+
                }
            }

            /// The value with this text.
            #[must_use]
            pub fn from_text(text: &str) -> Option<Self> {
                match text {
                    $($text => Some(Self::$variant),)+
                    _ => None,
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                $crate::typed::choice(deserializer, Self::TEXTS, Self::from_text)
            }
        }
    };
}

/// The operations of one service: a type for each, and for the served ones a name.
macro_rules! operations {
    (
        $service:ident;
        served {
            $($(#[$doc:meta])+ $served:ident: $input:ident => $output:ident ! [$($error:ident,)*],)*
        }
        modelled {
            $($(#[$later_doc:meta])+ $later:ident: $later_input:ident => $later_output:ident
                ! [$($later_error:ident,)*],)*
        }
    ) => {
        $(operations!(@one $service $(#[$doc])+ $served $input $output [$($error,)*]);)*
        $(operations!(@one $service $(#[$later_doc])+ $later $later_input $later_output [$($later_error,)*]);)*
        operations!(@names $($served)*);
    };
    (@one $service:ident $(#[$doc:meta])+ $name:ident $input:ident $output:ident [$($error:ident,)*]) => {
        $(#[$doc])+
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub struct $name;

        impl $crate::Operation for $name {
            const SERVICE: $crate::Service = $crate::Service::$service;
            const NAME: &'static str = stringify!($name);
            const ERRORS: &'static [$crate::ErrorCode] = &[$($crate::ErrorCode::$error,)*];
            type Input = super::$input;
            type Output = super::$output;
        }
    };
    (@names) => {};
    (@names $($name:ident)+) => {
        /// The operations that are served.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum OperationName {
            $(
                #[doc = concat!("[`", stringify!($name), "`].")]
                $name,
            )+
        }

        impl OperationName {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$name,)+];

            /// The name on the wire.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => stringify!($name),)+
                }
            }

            /// The operation of this name, if it is served.
            #[must_use]
            pub fn from_name(name: &str) -> Option<Self> {
                match name {
                    $(stringify!($name) => Some(Self::$name),)+
                    _ => None,
                }
            }

            /// The errors that the service model lists for the operation.
            #[must_use]
            pub const fn errors(self) -> &'static [$crate::ErrorCode] {
                match self {
                    $(Self::$name => <$name as $crate::Operation>::ERRORS,)+
                }
            }

            /// Decodes a request without keeping it, for tools and tests.
            pub fn check(self, body: &[u8]) -> Result<(), $crate::Error> {
                match self {
                    $(Self::$name => $crate::decode::<$name>(body).map(drop),)+
                }
            }
        }
    };
}

/// The table of errors: name on the wire, HTTP status.
macro_rules! error_codes {
    ($($name:ident = $status:literal,)+) => {
        /// Every error that a client can be told, by its name on the wire.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum ErrorCode {
            $(
                #[doc = concat!("`", stringify!($name), "`, HTTP ", $status, ".")]
                $name,
            )+
        }

        impl ErrorCode {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$name,)+];

            /// The name on the wire.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => stringify!($name),)+
                }
            }

            /// The HTTP status.
            #[must_use]
            pub const fn status(self) -> u16 {
                match self {
                    $(Self::$name => $status,)+
                }
            }
        }
    };
}

/// Which table belongs to which request.
macro_rules! validated {
    ($($name:ident = $shape:ident,)+) => {
        /// For tests that look at every constraint.
        #[cfg(test)]
        pub(crate) static REQUESTS: &[(&str, &$crate::Shape)] = &[$((stringify!($name), &$shape),)+];

        $(
            impl $crate::Validate for $name {
                fn shape() -> &'static $crate::Shape {
                    &$shape
                }
            }
        )+
    };
}
