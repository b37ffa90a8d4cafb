namespace AdminPortal.Domain.Instances;

/// <summary>Why an instance needs a person. The names are stored; their sentences are resources named <c>Attention.{name}</c>.</summary>
public enum AttentionReason
{
    /// <summary>The platform itself says that it is not valid.</summary>
    NotValid,

    /// <summary>The provider refuses the token: it has lapsed or was taken back.</summary>
    TokenRefused,

    /// <summary>The platform refuses the element token that the portal holds.</summary>
    ElementTokenRefused,

    /// <summary>The platform switched it off by itself, as it does after five refreshes of the token that failed.</summary>
    DisabledByPlatform,

    /// <summary>The check was refused for another reason.</summary>
    Refused,
}
