namespace AdminPortal.Provisioning.Requests;

/// <summary>What an instance's own description offers.</summary>
/// <param name="Operations">The requests that the portal can send, by path and method.</param>
public sealed record ApiDescription(IReadOnlyList<ApiOperation> Operations);

/// <summary>One request that an instance's description offers.</summary>
/// <param name="Method"><c>GET, HEAD, POST, PUT, PATCH or DELETE</c>.</param>
/// <param name="Path">What follows <c>/elements/api-v2</c>, with a leading slash and names in braces where values belong.</param>
/// <param name="OperationId">The description's own name for it.</param>
/// <param name="Summary">What it does, in the description's words.</param>
/// <param name="Parameters">What it can be given; the body, where it has one, comes last.</param>
public sealed record ApiOperation(string Method, string Path, string? OperationId, string? Summary, IReadOnlyList<ApiParameter> Parameters)
{
    /// <summary>What tells it from the others: a description has each method and path once.</summary>
    public string Key => $"{Method} {Path}";

    /// <summary>Whether it only reads.</summary>
    public bool IsRead => Method is "GET" or "HEAD";

    /// <summary>What it is about: the first part of its path, behind the hub where it names one.</summary>
    public string Resource
    {
        get
        {
            var parts = Path.Split('/', StringSplitOptions.RemoveEmptyEntries);
            return parts switch
            {
                ["hubs", _, var resource, ..] => resource,
                [var resource, ..] => resource,
                _ => "/",
            };
        }
    }
}

/// <summary>One value that an operation can be given.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Place">Where it goes.</param>
/// <param name="Type">What it is; whatever is not known counts as text.</param>
/// <param name="Required">Whether the request is not complete without it.</param>
/// <param name="Default">What the description takes when it is left out; for a body, a sketch to begin with.</param>
/// <param name="Choices">The values to choose from; empty where any will do.</param>
/// <param name="Description">What it is for, in the description's words.</param>
public sealed record ApiParameter(
    string Name, ParameterPlace Place, ParameterType Type, bool Required, string? Default, IReadOnlyList<string> Choices, string? Description)
{
    /// <summary>How the values of a list are written; null repeats the parameter for each.</summary>
    public char? Separator { get; init; } = ',';

    /// <summary>What tells it from the operation's other parameters.</summary>
    public string Key => $"{Place}:{Name}";
}

/// <summary>Where a value goes.</summary>
public enum ParameterPlace
{
    Path,
    Query,
    Header,
    Body,
}

/// <summary>What a value is.</summary>
public enum ParameterType
{
    Text,
    WholeNumber,
    Number,
    Boolean,

    /// <summary>Several values, separated by commas.</summary>
    List,

    Json,
}
