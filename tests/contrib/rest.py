"""A small API, as a project would write it."""

from django.db.models import F
from rest_framework.authentication import BaseAuthentication
from rest_framework.decorators import action
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import IsAuthenticated
from rest_framework.response import Response
from rest_framework.serializers import ModelSerializer
from rest_framework.viewsets import ModelViewSet

from django_modernize.contrib.rest_framework.serializers import (
    ConstraintSerializerMixin,
    SoftDeleteSerializerMixin,
)
from django_modernize.contrib.rest_framework.viewsets import (
    ConstraintViewSetMixin,
    SoftDeleteViewSetMixin,
)
from tests.testapp.models import Album, House, Label, Ledger, Person, Reservation, Track


class NameAuthentication(BaseAuthentication):
    """Finds the user by a token, as late as the view: here it is the user's name."""

    def authenticate(self, request):
        kind, _, token = request.headers.get("Authorization", "").partition(" ")
        if kind != "Token":
            return None
        try:
            return Person.objects.get(username=token), token
        except Person.DoesNotExist as error:
            raise AuthenticationFailed from error


class LedgerSerializer(ModelSerializer):
    class Meta:
        model = Ledger
        fields = ["id", "title", "amount"]


class LedgerViewSet(ModelViewSet):
    authentication_classes = [NameAuthentication]
    permission_classes = [IsAuthenticated]
    queryset = Ledger.objects.order_by("id")
    serializer_class = LedgerSerializer

    def get_serializer(self, *args, **kwargs):
        many = isinstance(kwargs.get("data"), list)
        return super().get_serializer(*args, **{"many": many, **kwargs})

    @action(detail=False, methods=["post"])
    def double(self, request):
        return Response({"changed": self.get_queryset().update(amount=F("amount") * 2)})


def make_serializer(of):
    class Serializer(SoftDeleteSerializerMixin, ModelSerializer):
        class Meta:
            model = of
            fields = ["id", *{"Label": ["name"], "House": ["name"]}.get(of.__name__, ["title"])]

    return Serializer


class SoftDeleteViewSet(SoftDeleteViewSetMixin, ModelViewSet):
    authentication_classes = [NameAuthentication]
    permission_classes = [IsAuthenticated]


class AlbumViewSet(SoftDeleteViewSet):
    queryset = Album.all_objects.order_by("id")
    serializer_class = make_serializer(Album)


class TrackViewSet(SoftDeleteViewSet):
    queryset = Track.all_objects.order_by("id")
    serializer_class = make_serializer(Track)


class HouseViewSet(SoftDeleteViewSet):
    queryset = House.all_objects.order_by("id")
    serializer_class = make_serializer(House)


class LabelViewSet(SoftDeleteViewSet):
    queryset = Label.all_objects.order_by("id")
    serializer_class = make_serializer(Label)


class ReservationSerializer(ConstraintSerializerMixin, ModelSerializer):
    class Meta:
        model = Reservation
        fields = ["id", "lodging", "check_in", "check_out"]


class HastySerializer(ModelSerializer):
    """Looks at nothing, as if the other row came only afterwards."""

    class Meta(ReservationSerializer.Meta):
        pass


class ReservationViewSet(ConstraintViewSetMixin, ModelViewSet):
    authentication_classes = [NameAuthentication]
    permission_classes = [IsAuthenticated]
    queryset = Reservation.objects.order_by("id")
    serializer_class = ReservationSerializer


class HastyViewSet(ReservationViewSet):
    serializer_class = HastySerializer


class OvertakenSerializer(ReservationSerializer):
    """Finds nothing, as if the other row came right after it had looked."""

    def validate_candidate(self, candidate):
        pass


class OvertakenViewSet(ReservationViewSet):
    serializer_class = OvertakenSerializer


class OwnViewSet(ReservationViewSet):
    """Rows of whoever asks: there are none to filter by an anonymous user."""

    def get_queryset(self):
        assert self.request.user.is_authenticated
        return super().get_queryset()
