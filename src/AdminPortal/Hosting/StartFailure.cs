using System.Net.Sockets;
using System.Security.Cryptography;
using AdminPortal.Provisioning.Record;
using AdminPortal.Storage;
using Microsoft.Extensions.Options;

namespace AdminPortal.Hosting;

/// <summary>What keeps the portal or a command from starting, in words for the administrator, with the exit code.</summary>
/// <param name="ExitCode">One of <see cref="Hosting.ExitCode"/>.</param>
/// <param name="Reasons">Sentences: what happened, why, and what to do.</param>
internal sealed record StartFailure(int ExitCode, IReadOnlyList<string> Reasons)
{
    /// <summary>Whether this is a failure that the program does not know, whose details belong in the log.</summary>
    public bool IsUnexpected => ExitCode == Hosting.ExitCode.Unexpected;

    /// <summary>Finds the words for an exception that ended a start or a command.</summary>
    public static StartFailure From(Exception exception) => exception switch
    {
        StartRefusedException refused => new(refused.ExitCode, refused.Reasons),
        OptionsValidationException settings => new(Hosting.ExitCode.WrongSettings, [.. settings.Failures]),
        AnchorsAwayException anchors => new(Hosting.ExitCode.Storage, [anchors.Message]),
        SchemaRefusedException schema => new(Hosting.ExitCode.DatabaseVersion, [schema.Message]),
        _ when StorageProblems.Find(exception) is { } problem => FromStorage(problem, exception),
        _ when FindSocket(exception) is { } socket => FromSocket(socket, exception),
        IOException or UnauthorizedAccessException => new(
            Hosting.ExitCode.Storage, [$"A file or directory cannot be used: {exception.Message} Set Portal:DataDirectory to a directory that the portal may write to."]),
        InvalidOperationException or InvalidDataException or FormatException or ArgumentException or CryptographicException when IsAboutSettings(exception) => new(
            Hosting.ExitCode.WrongSettings, [$"The settings cannot be used: {exception.Message} Correct the setting and start again."]),
        _ => new(Hosting.ExitCode.Unexpected, [$"An unexpected error ended the start ({exception.GetType().Name}). Run \"AdminPortal doctor\". If it finds nothing, report the error with its details from the log."]),
    };

    private static StartFailure FromStorage(StorageProblem problem, Exception exception) => problem switch
    {
        StorageProblem.Corrupt => new(Hosting.ExitCode.DatabaseDamaged,
            [$"{Detail(exception, "The database is damaged, or the file is not a database.")} Run \"AdminPortal doctor\", and restore the last backup: AdminPortal restore <file>."]),
        StorageProblem.Locked => new(Hosting.ExitCode.DatabaseLocked,
            ["Another program holds the database. End that program, or wait longer for it with --wait <seconds>."]),
        StorageProblem.Full => new(Hosting.ExitCode.Storage, ["The disk with the data directory is full. Free some space on it and start again."]),
        StorageProblem.ReadOnly => new(Hosting.ExitCode.Storage,
            ["The database or its directory cannot be written: the disk is mounted read-only, or the portal's user lacks the right. Give the portal's user the right to write to Portal:DataDirectory."]),
        StorageProblem.NotOpened => new(Hosting.ExitCode.Storage,
            ["The database cannot be opened: the data directory is out of reach, or the process has no file handles left. Set Portal:DataDirectory to a directory that the portal may write to, or raise the limit of open files (ulimit -n)."]),
        _ => new(Hosting.ExitCode.Storage, ["The disk or the file system of the data directory answered with an error. Look at the system's log (journalctl -k), and restore the last backup to another disk if it fails."]),
    };

    // What SQLite or a check of ours found, as one sentence.
    private static string Detail(Exception exception, string otherwise)
    {
        for (var at = exception; at is not null; at = at.InnerException)
        {
            if (at is DatabaseDamagedException) return at.Message.EndsWith('.') ? at.Message : at.Message + ".";
        }

        return otherwise;
    }

    private static StartFailure FromSocket(SocketException socket, Exception exception)
    {
        const string remedy = "Set ASPNETCORE_URLS to an address and a port of this machine that are free.";
        var where = exception.Message.TrimEnd('.');
        return new StartFailure(Hosting.ExitCode.Address, [socket.SocketErrorCode switch
        {
            SocketError.AddressAlreadyInUse => $"The portal cannot listen on its address, because another program uses the port ({where}). End that program, or another portal that still runs. {remedy}",
            SocketError.AccessDenied => $"The portal's user may not listen on this port ({where}). Ports below 1024 need a right of their own. {remedy}",
            SocketError.AddressNotAvailable => $"The portal cannot listen on an address that is not one of this machine's ({where}). {remedy}",
            _ => $"The portal cannot listen on its address ({where}). {remedy}",
        }]);
    }

    private static SocketException? FindSocket(Exception? exception)
    {
        for (; exception is not null; exception = exception.InnerException)
        {
            if (exception is SocketException socket) return socket;
        }

        return null;
    }

    // Elsewhere these exceptions are bugs; thrown by configuration or Kestrel they mean an invalid setting.
    private static bool IsAboutSettings(Exception exception) =>
        exception is InvalidDataException or FormatException
        || exception.Source is { } source && (source.StartsWith("Microsoft.Extensions.Configuration", StringComparison.Ordinal) || source.StartsWith("Microsoft.AspNetCore.Server.Kestrel", StringComparison.Ordinal));
}
