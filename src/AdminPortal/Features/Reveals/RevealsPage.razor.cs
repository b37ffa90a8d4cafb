using AdminPortal.Access;
using AdminPortal.Domain;
using AdminPortal.Domain.Reveals;
using AdminPortal.Provisioning.Reveals;
using AdminPortal.Ui;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.JSInterop;

namespace AdminPortal.Features.Reveals;

/// <summary>Requests to see a token that wait for somebody else.</summary>
public sealed partial class RevealsPage
{
    private IReadOnlyList<RevealRequestLine>? _requests;
    private IReadOnlyList<Problem> _problems = [];
    private string? _done;
    private bool _busy;

    [Inject]
    public required RevealService Reveals { get; set; }

    [Inject]
    public required Confirmation Confirmation { get; set; }

    [Inject]
    public required IJSRuntime Js { get; set; }

    [CascadingParameter]
    private Task<AuthenticationState>? SignedIn { get; set; }

    /// <inheritdoc />
    protected override Task OnInitializedAsync()
    {
        if (Reveals.NeedsSecondPerson)
            Follow(new LiveSource(LoadAsync) { Interval = TimeSpan.FromSeconds(5), ExpectsChange = () => !_busy });
        return LoadAsync();
    }

    private async Task LoadAsync()
    {
        try
        {
            var requests = await Reveals.ListAsync(await SignedIn.ActorAsync(), Left);
            if (requests.Succeeded) _requests = requests.Value;
            else _problems = requests.Problems;
        }
        catch (OperationCanceledException) when (Left.IsCancellationRequested)
        {
            // The page was left.
        }
    }

    private async Task DecideAsync(RevealRequestLine request, bool approve)
    {
        if (_busy) return;
        _busy = true;
        (_done, _problems) = (null, []);
        try
        {
            var actor = await SignedIn.ActorAsync();
            var decided = await Confirmation.RunAsync(() => Reveals.DecideAsync(request.Id, approve, actor, CancellationToken.None));
            _problems = decided.Problems;
            if (decided.Succeeded) _done = request.Kind == ApprovalKind.TokenReveal
                ? L[approve ? "Approved.Done" : "Refused.Done", request.PersonName, request.InstanceName]
                : L[approve ? "Other.Approved.Done" : "Other.Refused.Done", request.PersonName, request.InstanceName];
            await LoadAsync();
        }
        finally
        {
            _busy = false;
        }

        // The button that was pressed may be gone with what it did.
        await Js.InvokeVoidAsync("portal.focus", "h1");
    }
}
