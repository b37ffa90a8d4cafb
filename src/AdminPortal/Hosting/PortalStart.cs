namespace AdminPortal.Hosting;

/// <summary>Runs the portal until it is stopped. A failed start becomes one message and an exit code.</summary>
internal static partial class PortalStart
{
    /// <summary>Builds, prepares and runs the portal.</summary>
    /// <param name="settings">Settings from the command line.</param>
    /// <param name="wait">How long to wait for another program that holds the database.</param>
    /// <param name="add">Adds the services.</param>
    /// <param name="map">Adds the pipeline and the endpoints.</param>
    /// <returns>One of <see cref="ExitCode"/>.</returns>
    public static async Task<int> RunAsync(string[] settings, TimeSpan wait, Action<WebApplicationBuilder> add, Action<WebApplication> map)
    {
        WebApplication? app = null;
        try
        {
            // The settings are beside the program, wherever it is started from.
            var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = settings, ContentRootPath = AppContext.BaseDirectory });
            add(builder);
            app = builder.Build();
            using var mark = await app.PrepareAsync(wait);
            map(app);
            await app.StartAsync();
            await app.WaitForShutdownAsync();
            if (FindFailedWorker(app) is not { } failed) return ExitCode.Success;
            Log.WorkerFailed(app.Logger, failed);
            return ExitCode.Unexpected;
        }
        // Test hosts and the tools of EF Core end the program this way once the host is built.
        catch (Exception exception) when (exception is not HostAbortedException)
        {
            if (app?.Lifetime.ApplicationStopping.IsCancellationRequested == true && exception is OperationCanceledException) return ExitCode.Success;
            var failure = StartFailure.From(exception);
            await TellAsync(app, failure, exception);
            // Workers that were started already are told to stop, and do not fail over services that are gone.
            if (app is not null) await app.StopAsync();
            return failure.ExitCode;
        }
        finally
        {
            // The last messages are still on their way to the console.
            if (app is not null) await app.DisposeAsync();
        }
    }

    // The host stops itself after a worker has failed, and reports nothing: a service manager would take that for a wanted end.
    private static AggregateException? FindFailedWorker(WebApplication app) =>
        app.Services.GetServices<IHostedService>().OfType<BackgroundService>().Select(worker => worker.ExecuteTask).FirstOrDefault(task => task is { IsFaulted: true })?.Exception;

    private static async Task TellAsync(WebApplication? app, StartFailure failure, Exception exception)
    {
        foreach (var reason in failure.Reasons)
        {
            if (app is null) await Console.Error.WriteLineAsync($"The portal cannot start. {reason}");
            else Log.CannotStart(app.Logger, reason);
        }

        if (app is null && failure.IsUnexpected) await Console.Error.WriteLineAsync(exception.ToString());
        else if (app is not null && failure.IsUnexpected) Log.Unexpected(app.Logger, exception);
        else if (app is not null) Log.Details(app.Logger, exception);
    }

    private static partial class Log
    {
        [LoggerMessage(2, LogLevel.Critical, "The portal cannot start. {Reason}")]
        public static partial void CannotStart(ILogger logger, string reason);

        [LoggerMessage(4, LogLevel.Critical, "The details of the error that ended the portal")]
        public static partial void Unexpected(ILogger logger, Exception exception);

        [LoggerMessage(7, LogLevel.Critical, "A part of the portal that works in the background failed, and the portal has stopped.")]
        public static partial void WorkerFailed(ILogger logger, Exception exception);

        [LoggerMessage(5, LogLevel.Debug, "The details of what keeps the portal from starting")]
        public static partial void Details(ILogger logger, Exception exception);
    }
}
