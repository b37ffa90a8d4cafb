using AdminPortal.Domain;
using AdminPortal.Provisioning.Attempts;
using AdminPortal.Provisioning.Attempts.Drafts;
using AdminPortal.Provisioning.Elements;
using Microsoft.AspNetCore.Components;

namespace AdminPortal.Features.Attempts;

/// <summary>What authorizing an instance anew changes: each entry as the platform has it against what will be sent.</summary>
public sealed partial class ReauthenticationChanges
{
    private ReauthenticationReview? _review;
    private IReadOnlyList<Problem> _problems = [];

    [Inject]
    public required ReauthenticationService Reauthentications { get; set; }

    [Inject]
    public required FieldCheck Fields { get; set; }

    [Parameter, EditorRequired]
    public required AttemptView Attempt { get; set; }

    /// <inheritdoc />
    protected override async Task OnInitializedAsync()
    {
        try
        {
            var review = await Reauthentications.ReviewAsync(Attempt.Id, Left);
            _problems = review.Problems;
            if (review.Succeeded) _review = review.Value;
        }
        catch (OperationCanceledException)
        {
            // The page was left while the platform was asked.
        }
    }

    private string Label(string key) => key switch
    {
        "oauth.api.key" => L["Provider.ClientId"],
        "oauth.api.secret" => L["Provider.ClientSecret"],
        "oauth.callback.url" => L["Provider.CallbackUrl"],
        _ => Attempt.Element?.Field(key) is { } field ? Fields.Label(field) : key,
    };

    private string Now(ReauthenticationChange change) => change switch
    {
        { Now: { } now } => now,
        { Kind: ChangeKind.Sent or ChangeKind.Kept or ChangeKind.Replaced or ChangeKind.NotKnown } or { Key: "oauth.api.key" } => L["Dots"],
        _ => R["Changes.Nothing"],
    };

    private string Next(ReauthenticationChange change) => change switch
    {
        { Next: { Length: > 0 } next } => next,
        { Kind: ChangeKind.Sent or ChangeKind.Replaced } => L["Dots"],
        _ => R["Changes.NotSent"],
    };
}
