namespace AdminPortal.Domain.Elements;

/// <summary>Why an input is not an account server.</summary>
/// <param name="Problem">What is wrong with it; its sentence is the resource <c>Server.{Problem}</c>.</param>
/// <param name="Suggestion">What was probably meant, where that can be told.</param>
public readonly record struct AccountServerRefusal(AccountServerProblem Problem, string? Suggestion);

/// <summary>The reasons for which an input is not taken as an account server.</summary>
public enum AccountServerProblem
{
    Empty,
    TooLong,
    NotAscii,
    Blank,
    Http,
    OtherScheme,
    UserInfo,
    Path,
    Port,
    NoDomain,
    Lookalike,
    OtherDomain,
    TooManyLabels,
    Punycode,
    Reserved,
    BadName,
}
