using AdminPortal.Domain.Access;

namespace AdminPortal.Domain.ApiTokens;

/// <summary>What an API token may be used for, within what its person's role allows. The names are stored; their words are resources named <c>Token.Scope.{name}</c>.</summary>
public enum ApiScope
{
    /// <summary>Reading everything but secrets.</summary>
    Read,

    /// <summary>Looking whether an instance works.</summary>
    Check,

    /// <summary>Name and tags of instances.</summary>
    Edit,

    /// <summary>Drafts, which a person then authorizes.</summary>
    Connect,
}

/// <summary>What the scopes ask of a role.</summary>
public static class ApiScopes
{
    /// <summary>All of them, in the order in which they are shown.</summary>
    public static IReadOnlyList<ApiScope> All { get; } = Enum.GetValues<ApiScope>();

    /// <summary>What a scope's calls do, as the services ask for it; null for reading, which every role may.</summary>
    public static Operation? OperationOf(ApiScope scope) => scope switch
    {
        ApiScope.Read => null,
        ApiScope.Check or ApiScope.Edit => Operation.ChangeInstances,
        ApiScope.Connect => Operation.Connect,
        _ => throw new ArgumentOutOfRangeException(nameof(scope), scope, "The scope is not known."),
    };

    /// <summary>Whether a role may do what the scope is for.</summary>
    public static bool Allows(Role? role, ApiScope scope) =>
        OperationOf(scope) is { } operation ? Permissions.Allows(role, operation) : role is { } known && Enum.IsDefined(known);

    /// <summary>Reads stored names; one that is not known is none.</summary>
    internal static IReadOnlyList<ApiScope> Read(IReadOnlyList<string> names) =>
        [.. All.Where(scope => names.Contains(scope.ToString(), StringComparer.Ordinal))];
}
