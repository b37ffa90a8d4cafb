using AdminPortal.Domain;
using AdminPortal.Domain.Access;
using AdminPortal.Ui;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.JSInterop;
using Radzen;

namespace AdminPortal.Access;

/// <summary>A page with a list of stored objects. It says which object was saved or removed last.</summary>
public abstract class StoredListComponent : PortalComponent
{
    [Inject]
    public required DialogService Dialogs { get; set; }

    [Inject]
    public required Confirmation Confirmation { get; set; }

    [Inject]
    public required NavigationManager Navigation { get; set; }

    [Inject]
    public required IJSRuntime Js { get; set; }

    [CascadingParameter]
    private protected Task<AuthenticationState>? SignedIn { get; set; }

    /// <summary>The name of the object that a form has just saved; null for none, as after a reload.</summary>
    private protected string? SavedName => Navigation.HistoryEntryState is { Length: > 0 } saved ? saved : null;

    /// <summary>Asks, and removes an object.</summary>
    /// <param name="title">The question.</param>
    /// <param name="text">What is removed with it, and what is not.</param>
    /// <param name="remove">Calls the service. It is called a second time after a re-authentication.</param>
    /// <returns>True if the object was removed.</returns>
    private protected Task<bool> RemoveAsync(string title, string text, Func<Actor, Task<Result<Done>>> remove) =>
        RemoveDialog.AskAsync(Dialogs, title, text, () => Confirmation.RunAsync(async () => await remove(await SignedIn.ActorAsync())));

    /// <summary>Moves the focus to the heading: the element that had it was removed.</summary>
    private protected async Task FocusHeadingAsync() => await Js.InvokeVoidAsync("portal.focus", "h1");
}
