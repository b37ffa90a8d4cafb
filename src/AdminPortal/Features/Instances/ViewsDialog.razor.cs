using AdminPortal.Access;
using AdminPortal.Domain;
using AdminPortal.Domain.Instances;
using AdminPortal.Provisioning.Instances;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.Components.Forms;
using Radzen;

namespace AdminPortal.Features.Instances;

/// <summary>A person's saved views: keep the filters that are set, choose the one to begin with, remove.</summary>
public sealed partial class ViewsDialog
{
    private readonly Input _input = new();
    private IReadOnlyList<SavedView> _views = [];
    private IReadOnlyList<Problem> _problems = [];
    private EditContext _form = null!;

    /// <summary>The list's query string as it stands.</summary>
    [Parameter, EditorRequired]
    public required string Query { get; set; }

    /// <summary>Whether it narrows the list.</summary>
    [Parameter]
    public bool Narrows { get; set; }

    [Inject]
    public required SavedViewService Views { get; set; }

    [Inject]
    public required DialogService Dialogs { get; set; }

    [CascadingParameter]
    private Task<AuthenticationState>? SignedIn { get; set; }

    /// <inheritdoc />
    protected override async Task OnInitializedAsync()
    {
        _form = new EditContext(_input);
        _views = await Views.ListAsync(await SignedIn.ActorAsync(), CancellationToken.None);
    }

    private async Task SaveAsync()
    {
        var saved = await Views.SaveAsync(await SignedIn.ActorAsync(), _input.Name, Query, _input.IsDefault, CancellationToken.None);
        _problems = saved.Problems;
        if (saved.Succeeded) Dialogs.Close();
    }

    private async Task SetDefaultAsync(SavedView view)
    {
        _problems = (await Views.SetDefaultAsync(await SignedIn.ActorAsync(), view.IsDefault ? null : view.Id, CancellationToken.None)).Problems;
        _views = await Views.ListAsync(await SignedIn.ActorAsync(), CancellationToken.None);
    }

    private async Task RemoveAsync(SavedView view)
    {
        _problems = (await Views.DeleteAsync(await SignedIn.ActorAsync(), view.Id, CancellationToken.None)).Problems;
        _views = await Views.ListAsync(await SignedIn.ActorAsync(), CancellationToken.None);
    }

    private sealed class Input
    {
        public string Name { get; set; } = "";

        public bool IsDefault { get; set; }
    }
}
