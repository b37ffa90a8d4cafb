using AdminPortal.Storage;
using Microsoft.AspNetCore.Components;

namespace AdminPortal.Ui;

/// <summary>
/// What lies open and looks again by itself. A look that fails because the database is in trouble is not the last one: what is
/// on the page stays, <see cref="TroubleNotice"/> says that it may be old, and the next look that succeeds takes that away.
/// </summary>
public abstract class LiveComponent : ComponentBase
{
    /// <summary>What the last look by itself met; null where it succeeded.</summary>
    protected StorageProblem? Trouble { get; private set; }

    /// <summary>Looks and draws, from any thread. It never throws: nobody waits for a look that no person asked for.</summary>
    protected Task LookAgainAsync(Func<Task> look) => InvokeAsync(async () =>
    {
        try
        {
            await look();
            Trouble = null;
        }
        catch (Exception exception) when (StorageProblems.Find(exception) is { } problem)
        {
            Trouble = problem;
        }
#pragma warning disable CA1031 // Nobody waits for this: the page tells of the trouble.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            await DispatchExceptionAsync(exception);
        }

        StateHasChanged();
    });
}
