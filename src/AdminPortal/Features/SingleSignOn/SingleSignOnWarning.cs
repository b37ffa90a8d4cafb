using AdminPortal.Provisioning.Users;
using AdminPortal.Provisioning.SingleSignOn;

namespace AdminPortal.Features.SingleSignOn;

/// <summary>Says at start where local sign-in is off and no administrator has come by single sign-on yet.</summary>
internal sealed partial class SingleSignOnWarning(SignInWays ways, SingleSignOnPeople people, ILogger<SingleSignOnWarning> logger) : IHostedLifecycleService
{
    public async Task StartedAsync(CancellationToken cancellationToken)
    {
        if (!ways.TakesPasswords && !await people.HasAdministratorAsync(cancellationToken)) NobodyYet(logger);
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    [LoggerMessage(1, LogLevel.Warning, "Local sign-in is off (Portal:LocalSignIn:Enabled), and no administrator has signed in by single sign-on yet. Sign in by it as somebody of the group in Portal:SingleSignOn:Roles:Administrator. The way back in is: AdminPortal let-in <email> --administrator.")]
    private static partial void NobodyYet(ILogger logger);
}
