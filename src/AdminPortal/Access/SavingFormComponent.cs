using AdminPortal.Domain;
using AdminPortal.Domain.Access;
using AdminPortal.Ui;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.JSInterop;

namespace AdminPortal.Access;

/// <summary>A page with a form that may require re-authentication, or the approval of a second user.</summary>
/// <typeparam name="TInput">The form's model.</typeparam>
public abstract class SavingFormComponent<TInput> : PortalComponent
    where TInput : class
{
    [Inject]
    public required NavigationManager Navigation { get; set; }

    [Inject]
    public required IJSRuntime Js { get; set; }

    [Inject]
    public required Confirmation Confirmation { get; set; }

    [CascadingParameter]
    private protected Task<AuthenticationState>? SignedIn { get; set; }

    private protected FormValidator<TInput>? Validator { get; set; }

    /// <summary>Problems that belong to no field.</summary>
    private protected IReadOnlyList<Problem> Problems { get; set; } = [];

    /// <summary>True after a second user's approval was found to be missing.</summary>
    private protected bool NeedsApproval { get; private set; }

    /// <summary>True while the form is sent.</summary>
    private protected bool IsSending { get; private set; }

    /// <summary>Sends the form. Leads to another page on success; otherwise shows the problems and moves the focus to the first.</summary>
    /// <param name="send">Calls the service. It is called a second time after a re-authentication.</param>
    /// <param name="next">The address that follows.</param>
    /// <param name="name">The name of the object that was saved, for the page that follows.</param>
    private protected async Task SendAsync<T>(Func<Actor, Task<Result<T>>> send, string next, Func<string> name)
    {
        if (IsSending) return;
        (IsSending, Problems) = (true, []);
        Result<T> sent;
        try
        {
            sent = await Confirmation.RunAsync(async () => await send(await SignedIn.ActorAsync()));
        }
        finally
        {
            IsSending = false;
        }

        if (sent.Succeeded)
        {
            Navigation.NavigateTo(next, new NavigationOptions { HistoryEntryState = name() });
            return;
        }

        NeedsApproval = sent.Problems.Any(problem => problem.Kind == ProblemKind.ApprovalNeeded);
        Problems = Validator!.Show(sent.Problems);
        await FocusInvalidAsync();
    }

    /// <summary>Moves the focus to the first invalid field, after the messages are rendered.</summary>
    private protected virtual async Task FocusInvalidAsync()
    {
        await Task.Yield();
        await Js.InvokeVoidAsync("portal.focusInvalid");
    }
}
