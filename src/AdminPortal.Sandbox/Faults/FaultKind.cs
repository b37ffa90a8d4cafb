using System.Text.Json;
using System.Text.Json.Serialization;

namespace AdminPortal.Sandbox.Faults;

/// <summary>What a fault makes the sandbox do in place of the right thing. Each kind belongs to one place, see <see cref="FaultPlace"/>.</summary>
[JsonConverter(typeof(CamelCase))]
internal enum FaultKind
{
    UrlOtherRedirectUri,
    UrlOtherState,
    UrlOtherClientId,
    UrlOtherHost,
    UrlPlainHttp,
    UrlNotAnUrl,

    ConsentDeny,
    ConsentError,

    /// <summary>Back to the caller without a query.</summary>
    CallbackNoQuery,

    /// <summary>The browser calls the callback twice.</summary>
    CallbackTwice,
    CallbackOtherState,
    CallbackNoState,

    /// <summary>The state is as it was, and no code comes with it.</summary>
    CallbackNoCode,
    CallbackCodeAndError,
    CallbackNoScope,

    /// <summary>The scope names another account than the one that was chosen.</summary>
    CallbackOtherTenant,
    CodeExpired,
    CodeReused,

    /// <summary>From the consent on nobody listens, for so long.</summary>
    PlatformGone,

    CreateTwice,

    /// <summary>Made, but for a while neither found nor listed.</summary>
    AppearLate,

    /// <summary>A page without rows that has a next page.</summary>
    ListEmptyPage,

    /// <summary>The next page's token is the one that the page was asked for with.</summary>
    ListRepeatedToken,
    ListIgnoreTags,

    /// <summary>A page begins behind as many instances as were listed before it. What is deleted meanwhile shifts the rest.</summary>
    ListByOffset,
}

/// <summary>Names as they stand in JSON everywhere else.</summary>
internal sealed class CamelCase() : JsonStringEnumConverter(JsonNamingPolicy.CamelCase, allowIntegerValues: false);
