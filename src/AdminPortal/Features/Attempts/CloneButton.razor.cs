using AdminPortal.Access;
using AdminPortal.Domain;
using AdminPortal.Provisioning.Attempts.Drafts;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;

namespace AdminPortal.Features.Attempts;

/// <summary>Begins a draft like an instance: everything but its secrets.</summary>
public sealed partial class CloneButton
{
    private IReadOnlyList<Problem> _problems = [];
    private bool _busy;

    [Inject]
    public required CloneService Clones { get; set; }

    [Inject]
    public required NavigationManager Navigation { get; set; }

    [CascadingParameter]
    private Task<AuthenticationState>? SignedIn { get; set; }

    /// <summary>The instance that the draft is made like.</summary>
    [Parameter, EditorRequired]
    public required Guid InstanceId { get; set; }

    private async Task CloneAsync()
    {
        if (_busy) return;
        _busy = true;
        try
        {
            var draft = await Clones.StartAsync(InstanceId, await SignedIn.ActorAsync(), CancellationToken.None);
            _problems = draft.Problems;
            // The attempt's page leads on to the first step that a person has to look at.
            if (draft.Succeeded) Navigation.NavigateTo($"/connect/{draft.Value}");
        }
        finally
        {
            _busy = false;
        }
    }
}
