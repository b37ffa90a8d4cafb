using System.ComponentModel;

namespace AdminPortal.Features.Api;

/// <summary>What a problem looks like, for the document. <see cref="ApiProblems"/> writes it.</summary>
[Description("What went wrong (RFC 9457).")]
internal sealed record ApiProblem(
    [property: Description("The sort of problem: an address that leads to its place in the reference.")] string Type,
    [property: Description("The sort of problem, in words.")] string Title,
    [property: Description("The HTTP status.")] int Status,
    [property: Description("What happened, why, and what to do.")] string Detail)
{
    [Description("What is wrong with each parameter, header or member of the body.")]
    public IReadOnlyDictionary<string, IReadOnlyList<string>>? Errors { get; init; }

    [Description("For a failure of the portal's own: what to look for in its log.")]
    public string? TraceId { get; init; }
}
