namespace AdminPortal.Features.Api;

/// <summary>The sorts of problems that the API answers with. Their words are resources named <c>Problem.{name}.Title</c> and <c>.Text</c>.</summary>
internal enum ApiProblemType
{
    Invalid,
    Unauthorized,
    ScopeMissing,
    RoleMissing,
    SecondFactorMissing,
    NotFound,
    MethodNotAllowed,
    NotNow,
    Stale,
    TooLarge,
    MediaType,
    KeyReused,
    VersionRequired,
    TooManyRequests,
    Failed,
    PlatformRefused,
    StorageTrouble,
    PlatformUnreachable,
    PlatformUnclear,
}

internal static class ApiProblemTypes
{
    /// <summary>The last part of the type's address, which leads to its place in the reference.</summary>
    public static string Slug(ApiProblemType type) => type switch
    {
        ApiProblemType.Invalid => "invalid",
        ApiProblemType.Unauthorized => "unauthorized",
        ApiProblemType.ScopeMissing => "scope-missing",
        ApiProblemType.RoleMissing => "role-missing",
        ApiProblemType.SecondFactorMissing => "second-factor-missing",
        ApiProblemType.NotFound => "not-found",
        ApiProblemType.MethodNotAllowed => "method-not-allowed",
        ApiProblemType.NotNow => "not-now",
        ApiProblemType.Stale => "stale",
        ApiProblemType.TooLarge => "too-large",
        ApiProblemType.MediaType => "media-type",
        ApiProblemType.KeyReused => "key-reused",
        ApiProblemType.VersionRequired => "version-required",
        ApiProblemType.TooManyRequests => "too-many-requests",
        ApiProblemType.Failed => "failed",
        ApiProblemType.PlatformRefused => "platform-refused",
        ApiProblemType.StorageTrouble => "storage-trouble",
        ApiProblemType.PlatformUnreachable => "platform-unreachable",
        ApiProblemType.PlatformUnclear => "platform-unclear",
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "The type is not known."),
    };

    public static int Status(ApiProblemType type) => type switch
    {
        ApiProblemType.Invalid => StatusCodes.Status400BadRequest,
        ApiProblemType.Unauthorized => StatusCodes.Status401Unauthorized,
        ApiProblemType.ScopeMissing or ApiProblemType.RoleMissing or ApiProblemType.SecondFactorMissing => StatusCodes.Status403Forbidden,
        ApiProblemType.NotFound => StatusCodes.Status404NotFound,
        ApiProblemType.MethodNotAllowed => StatusCodes.Status405MethodNotAllowed,
        ApiProblemType.NotNow => StatusCodes.Status409Conflict,
        ApiProblemType.Stale => StatusCodes.Status412PreconditionFailed,
        ApiProblemType.TooLarge => StatusCodes.Status413PayloadTooLarge,
        ApiProblemType.MediaType => StatusCodes.Status415UnsupportedMediaType,
        ApiProblemType.KeyReused => StatusCodes.Status422UnprocessableEntity,
        ApiProblemType.VersionRequired => StatusCodes.Status428PreconditionRequired,
        ApiProblemType.TooManyRequests => StatusCodes.Status429TooManyRequests,
        ApiProblemType.PlatformRefused => StatusCodes.Status502BadGateway,
        ApiProblemType.StorageTrouble or ApiProblemType.PlatformUnreachable => StatusCodes.Status503ServiceUnavailable,
        ApiProblemType.PlatformUnclear => StatusCodes.Status504GatewayTimeout,
        _ => StatusCodes.Status500InternalServerError,
    };

    /// <summary>The type of an answer that has a status and no body.</summary>
    public static ApiProblemType Of(int status) => Enum.GetValues<ApiProblemType>().Where(type => Status(type) == status)
        .DefaultIfEmpty(status < StatusCodes.Status500InternalServerError ? ApiProblemType.Invalid : ApiProblemType.Failed).First();
}
